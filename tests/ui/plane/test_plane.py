"""The plane as a picture."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from studio.engine.plane import Plane
from studio.ui import theme
from studio.ui.plane import painting, ramps, surfaces
from studio.ui.plane.switches import Switches
from studio.ui.plane.view import PlaneView
from studio.ui.wrapping import Wrapping
from tests.ui.fake_engine import cloud, layer

SLOPE = np.tile(np.linspace(-3, 3, 24)[:, None], (1, 24))


@pytest.fixture(params=["dark", "light"])
def scheme(request, qapp):
    theme.apply(qapp, request.param)
    yield request.param
    theme.apply(qapp, "dark")


def lightness(colour: int) -> float:
    red, green, blue = (channel / 255 for channel in QColor.fromRgb(colour).getRgb()[:3])
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) ** (1 / 3)


def test_that_equal_steps_of_a_value_are_equal_steps_of_lightness(scheme):
    light = np.array([lightness(colour) for colour in ramps.sequential(scheme)])
    steps = np.diff(light[::15])
    assert (np.sign(steps) == (1 if scheme == "dark" else -1)).all()
    assert abs(steps).max() < 2.2 * abs(steps).min()


def test_that_a_ramp_begins_with_the_panel_so_that_nothing_is_drawn_where_there_is_nothing(scheme):
    panel = theme.colour("panel").getRgb()[:3]
    for ramp, place in ((ramps.sequential(scheme), 0), (ramps.diverging(scheme), 128)):
        assert max(abs(a - b) for a, b in zip(QColor.fromRgb(ramp[place]).getRgb()[:3], panel, strict=True)) < 14


def test_that_both_sides_of_a_verdict_are_equally_strong_and_told_apart_without_red_and_green(scheme):
    fake, real = (QColor.fromRgb(ramps.diverging(scheme)[k]) for k in (0, 255))
    assert abs(lightness(fake.rgb()) - lightness(real.rgb())) < 0.06
    assert fake.red() > fake.blue() + 80
    assert real.blue() > real.red() + 80


def test_that_a_surface_stands_upright(scheme):
    made = surfaces.picture(layer("surface", "density", np.clip(SLOPE, 0, None)))
    top, bottom = (lightness(made.pixel(surfaces.SIDE // 2, y)) for y in (3, surfaces.SIDE - 4))
    assert (top > bottom) == (scheme == "dark")


def test_that_low_energy_looks_like_high_density(scheme):
    bump = np.exp(-(SLOPE**2) - SLOPE.T**2)
    energy, density = (surfaces.picture(layer("surface", n, v)) for n, v in (("energy", -np.log(bump)), ("density", bump)))
    middle, corner = surfaces.SIDE // 2, 3
    for made in (energy, density):
        assert (lightness(made.pixel(middle, middle)) > lightness(made.pixel(corner, corner))) == (scheme == "dark")


def test_that_an_undecided_discriminator_is_drawn_as_the_ground_at_zero(qapp):
    shares = surfaces.look_of("discriminator").scale(np.array([-4.0, -2.0, 0.0, 1.0, 2.0]))
    assert shares.tolist() == pytest.approx([0, 0.25, 0.5, 0.625, 0.75], abs=0.02)


def test_that_a_critic_without_a_zero_is_drawn_around_its_middle(qapp):
    shares = surfaces.look_of("discriminator").scale(np.array([-0.1, 2.0, 4.0, 9.9]))
    assert shares.tolist() == pytest.approx([0, 0.21, 0.41, 1], abs=0.02)


def test_that_a_flat_surface_can_be_drawn(qapp):
    for name in ("density", "energy", "discriminator", "anything"):
        assert not surfaces.picture(layer("surface", name, np.zeros((8, 8)))).isNull()


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("density", "surface", np.exp(-(SLOPE**2))),
        ("vector_field", "arrows", np.array([[0.5, 0.5, 1.0, 0.0], [-1.0, -1.0, 0.0, 0.0]])),
        ("trajectories", "lines", np.array([[[-2.0, 2.0], [0.0, 1.0], [2.0, 2.0]]])),
        ("grid_warp", "lines", np.array([[[-2.0, -2.0], [2.0, -2.0]]])),
        ("samples", "", ()),
        ("data", "", ()),
    ],
)
def test_that_every_layer_leaves_marks_only_where_it_is_switched_on(qtbot, scheme, name, kind, values):
    view = PlaneView()
    qtbot.addWidget(view)
    view.resize(200, 200)
    layers = (layer(kind, name, values),) if kind else ()
    view.show_data(cloud(1))
    view.dress("#DE7426")
    plane = Plane(samples=cloud(2), layers=layers)
    view.show_plane(plane, frozenset())
    bare = view.grab().toImage()
    view.show_plane(plane, frozenset({name}))
    assert view.grab().toImage() != bare


def test_that_samples_have_the_hue_of_the_family(qtbot, qapp):
    theme.apply(qapp, "dark")
    view = PlaneView()
    qtbot.addWidget(view)
    view.resize(300, 300)
    view.dress("#DE7426")
    view.show_plane(Plane(samples=cloud(2)), frozenset({"samples"}))
    seen = view.grab().toImage()
    hues = {seen.pixelColor(x, y).name().upper() for x in range(300) for y in range(300)}
    assert "#DE7426" in hues


def test_that_the_square_shows_the_same_part_of_the_plane_throughout_and_all_of_wide_data(qtbot):
    view = PlaneView()
    qtbot.addWidget(view)
    assert view.reach() == 3.0
    view.show_data(cloud(1))
    assert view.reach() == 3.0
    view.show_data(cloud(1).model_copy(update={"bounds": (-5.0, -5.0, 5.0, 5.0)}))
    assert view.reach() == 5.0


def test_that_paths_lie_over_arrows_and_arrows_over_surfaces():
    made = [layer("lines", "trajectories", np.zeros((1, 2, 2))), layer("arrows", "vector_field", np.zeros((1, 4)))]
    made += [layer("surface", "energy", np.zeros((2, 2))), layer("lines", "grid_warp", np.zeros((1, 2, 2)))]
    assert [one.name for one in painting.in_order(made)] == ["energy", "grid_warp", "vector_field", "trajectories"]


def test_that_without_a_surface_the_paths_are_switched_on(qtbot):
    switches = Switches()
    qtbot.addWidget(switches)
    switches.offer([layer("arrows", "vector_field", np.zeros((1, 4))), layer("lines", "trajectories", np.zeros((1, 2, 2)))])
    assert switches.on() == {"samples", "data", "trajectories"}
    assert switches.chips["vector_field"].text() == "Vector field"


def test_that_switches_wrap_where_there_is_little_room(qtbot):
    switches = Switches()
    qtbot.addWidget(switches)
    switches.offer([layer("lines", f"trajectories_{k}", np.zeros((1, 2, 2))) for k in range(6)])
    row = switches.layout()
    assert isinstance(row, Wrapping)
    assert row.heightForWidth(300) > row.heightForWidth(2000) > 0


def test_that_a_layer_that_comes_later_is_offered_too_and_changes_nothing_else(qtbot):
    switches = Switches()
    qtbot.addWidget(switches)
    path, density = layer("lines", "trajectories", np.zeros((1, 2, 2))), layer("surface", "density", np.zeros((2, 2)))
    switches.offer([path])
    switches.chips["samples"].click()
    switches.offer([path, density])
    assert switches.on() == {"data", "trajectories", "density"}
    switches.offer([path])
    assert list(switches.chips) == ["samples", "data", "density", "trajectories"]
