"""The way of points from noise, in a sample's story."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from studio.ui import theme
from studio.ui.arena import paths
from tests.ui.fake_engine import cloud, pictures


def drawn(frames, chosen: int) -> QImage:
    made = QImage(300, 300, QImage.Format.Format_RGB32)
    made.fill(QColor("black"))
    painter = QPainter(made)
    paths.paint(painter, QRectF(0, 0, 300, 300), frames, chosen)
    painter.end()
    return made


def test_that_frames_share_bounds_that_hold_the_noise_too():
    wide = cloud(1, 0.0).model_copy(update={"bounds": (-4.0, -4.0, 4.0, 4.0)})
    frames = paths.in_one_frame([wide, cloud(1, 0.5), cloud(1)])
    assert [frame.bounds[2] for frame in frames] == [4.0, 4.0, 4.0]


def test_that_there_is_no_way_to_see_in_one_step_nor_in_pictures():
    assert paths.in_one_frame([cloud(1)]) == []
    assert paths.in_one_frame([pictures(1), pictures(1), pictures(1)]) == []


def test_that_a_frame_that_lost_points_is_left_out():
    fewer = cloud(1).model_copy(update={"count": 399, "points": cloud(1).points[1:]})
    frames = [cloud(1, 0.0), fewer, cloud(1, 0.5), cloud(1)]
    assert len(paths.in_one_frame(frames)) == 3


def test_that_another_chosen_point_has_another_way(qapp):
    theme.apply(qapp, "dark")
    frames = paths.in_one_frame([cloud(1, 0.0), cloud(1, 0.5), cloud(1)])
    first, second = drawn(frames, 0), drawn(frames, 5)
    assert first != second
    assert QColor(theme.tokens().warn).name() in {first.pixelColor(x, y).name() for x in range(300) for y in range(300)}
