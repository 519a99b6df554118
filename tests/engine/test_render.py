import subprocess
import sys
import time

import numpy as np
import pytest

from studio.api import Audio, Column, Image, Points, Table, Tokens, Views
from studio.engine.render import BYTES, render


def tiles(rendering) -> np.ndarray:
    return np.frombuffer(rendering.pixels, np.uint8).reshape(rendering.count, rendering.height, rendering.width, 4)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_that_pictures_of_any_channels_become_rgba(channels: int) -> None:
    samples = np.full((3, channels, 5, 7), -1, np.float32)
    samples[1] = 1
    samples[2, 0] = 0
    drawn = tiles(render(samples, Image(height=5, width=7, channels=channels, levels=256)))
    assert drawn.shape == (3, 5, 7, 4)
    assert drawn[0, ..., :3].max() == 0
    assert drawn[1].min() == 255
    assert drawn[2, 0, 0, 0] == 128
    assert drawn[0, 0, 0, 3] == (0 if channels in (2, 4) else 255)


def test_that_values_out_of_range_are_clipped_and_what_is_not_finite_is_drawn() -> None:
    samples = np.array([-9, 9, np.nan, np.inf, -np.inf], np.float32).reshape(1, 1, 1, 5)
    assert tiles(render(samples, Image(height=1, width=5, channels=1, levels=256)))[0, 0, :, 0].tolist() == [0, 255, 0, 255, 0]


def test_that_views_are_drawn_from_zero_to_one() -> None:
    samples = np.array([0, 0.5, 1], np.float32).reshape(3, 1, 1, 1).repeat(3, 1)
    assert tiles(render(samples, Views(height=1, width=1, focal=1)))[:, 0, 0, 0].tolist() == [0, 128, 255]


def test_that_a_diverged_model_leaves_the_other_points_in_a_square_frame() -> None:
    samples = np.random.default_rng(0).standard_normal((1000, 2)).astype(np.float32)
    samples[0] = np.nan
    samples[1] = np.inf
    rendering = render(samples, Points(dimensions=2))
    assert rendering.count == 998
    x0, y0, x1, y1 = rendering.bounds
    assert (x0, y0) == (-x1, -y1)
    assert x1 == y1 >= 2.5
    assert render(np.full((4, 2), np.nan), Points(dimensions=2)).count == 0


@pytest.mark.parametrize("dimensions", [1, 5])
def test_that_points_of_other_dimensions_are_drawn_in_the_plane(dimensions: int) -> None:
    rendering = render(np.ones((3, dimensions), np.float32), Points(dimensions=dimensions))
    assert rendering.points == ((1.0, 0.0 if dimensions == 1 else 1.0),) * 3


def test_that_tokens_become_text_and_bytes_are_read_as_utf8() -> None:
    assert render(np.array([[1, 0, 1]]), Tokens(vocabulary=("a", "b"), length=3)).texts == ("bab",)
    raw = np.array([[*"né".encode(), 0xFF]])
    assert render(raw, Tokens(vocabulary=BYTES, length=4)).texts == ("né\ufffd",)


def test_that_a_row_of_a_table_is_told_in_its_own_units() -> None:
    columns = (Column(name="age", mean=40, deviation=10, decimals=1), Column(name="pet", categories=("cat", "dog")))
    rendering = render(np.array([[1.0, 0.2, 0.9], [0, 0.8, 0.1], [0, 0.8, 0.1]]), Table(columns=columns), limit=2)
    assert rendering.columns == ("age", "pet")
    assert rendering.cells == (("50.0", "dog"), ("40.0", "cat"))
    assert rendering.histograms[1] == (1.0, 0.5)
    assert len(rendering.histograms[0]) == 12


def test_that_audio_is_passed_on_as_float32() -> None:
    waves = np.linspace(-1, 1, 16, dtype=np.float32).reshape(2, 1, 8)
    rendering = render(waves, Audio(rate=8000, length=8))
    assert (rendering.count, rendering.rate) == (2, 8000)
    assert np.array_equal(np.frombuffer(rendering.pixels, "<f4").reshape(2, 8), waves[:, 0])


def test_that_a_tone_is_bright_at_its_height_in_the_spectrogram() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(4096) / 8000)[None, None]
    rendering = render(tone, Audio(rate=8000, length=4096))
    spectrum = np.frombuffer(rendering.spectra, np.uint8).reshape(rendering.height, rendering.width)
    assert abs(int(spectrum.mean(1).argmax()) - 47) <= 1
    assert spectrum.max() == 255
    assert render(np.zeros((1, 1, 300)), Audio(rate=8000, length=300)).count == 1


def test_that_only_the_first_samples_up_to_the_limit_are_drawn() -> None:
    assert render(np.zeros((100, 1, 4, 4)), Image(height=4, width=4, channels=1, levels=256), limit=10).count == 10


def test_that_sixty_four_small_pictures_are_drawn_at_once() -> None:
    samples = np.random.default_rng(0).standard_normal((64, 3, 32, 32)).astype(np.float32)
    space = Image(height=32, width=32, channels=3, levels=256)
    times = []
    for _ in range(20):
        start = time.process_time()
        render(samples, space)
        times.append(time.process_time() - start)
    assert min(times) < 0.005


def test_that_rendering_needs_no_picture_library() -> None:
    program = (
        "import sys, studio.engine.render; print([m for m in ('PIL', 'torch', 'onnxruntime', 'PySide6') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "[]"
