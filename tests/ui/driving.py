"""A screen of its own, and a hand on it: the real pointer and real keys, through the X server."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QPointF, QRect, QTimer
from PySide6.QtWidgets import QAbstractButton, QListView, QScrollArea, QWidget

TOOLS = ("Xvfb", "openbox", "xdotool", "import")
POLL = 50
NOTCHES = 60
BARE = """<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <applications>
    <application type="normal"><decor>no</decor><focus>yes</focus><maximized>yes</maximized></application>
  </applications>
</openbox_config>
"""


@contextmanager
def screen(folder: Path, width: int = 1440, height: int = 900) -> Iterator[Mapping[str, str]]:
    """An X server with a window manager that gives a window the whole screen; yields the environment for those who use it."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise RuntimeError(f"{', '.join(missing)} is not installed: apt-get install xvfb openbox xdotool imagemagick")
    with ExitStack() as running:
        display = _start_server(running, f"{width}x{height}x24")
        variables = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        (folder / "openbox.xml").write_text(BARE)
        _start(running, ["openbox", "--config-file", str(folder / "openbox.xml")], env=variables)
        yield variables


def _start_server(running: ExitStack, size: str) -> str:
    reading, writing = os.pipe()
    running.callback(os.close, reading)
    _start(running, ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"], pass_fds=(writing,))
    os.close(writing)
    if not (number := os.read(reading, 16).decode().strip()):
        raise RuntimeError("Xvfb ended before it had a display.")
    return f":{number}"


def _start(running: ExitStack, command: list[str], env: Mapping[str, str] | None = None, pass_fds: tuple[int, ...] = ()) -> None:
    process = subprocess.Popen(command, env=env, pass_fds=pass_fds, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running.callback(process.wait, 10)
    running.callback(process.terminate)


class Hand:
    """Moves the pointer, presses buttons and keys, and looks at the screen.

    Args:
        shots: where the numbered pictures of the screen are put.
    """

    def __init__(self, shots: Path) -> None:
        self._shots = shots
        self._count = 0
        shots.mkdir(parents=True, exist_ok=True)

    def click(self, widget: QWidget, at: QPoint | None = None, holding: str = "") -> None:
        """Click `widget` at `at`, its middle where None, scrolled into view first; `holding` is a key such as "ctrl"."""
        self._reveal(widget, at)
        self._move(widget, at)
        held = (["keydown", holding], ["keyup", holding]) if holding else ([], [])
        _xdotool(*held[0], "click", "1", *held[1])
        self.rest(150)

    def drag(self, widget: QWidget, way: QPoint, steps: int = 8) -> None:
        """Press the button in the middle of `widget`, move by `way` in small steps, and let go."""
        self._reveal(widget, None)
        self._move(widget)
        _xdotool("mousedown", "1")
        for k in range(1, steps + 1):
            self._move(widget, widget.rect().center() + way * k / steps)
        _xdotool("mouseup", "1")
        self.rest(150)

    def click_row(self, view: QListView, row: int, holding: str = "") -> None:
        """Click a row of a list."""
        place = self._seen_row(view, row)
        for _ in range(NOTCHES):
            if view.viewport().rect().contains(place.center()):
                break
            self._wheel(view.viewport(), down=place.center().y() > 0)
            place = self._seen_row(view, row)
        self.click(view.viewport(), place.center(), holding)

    def _seen_row(self, view: QListView, row: int) -> QRect:
        return view.visualRect(view.model().index(row, 0))

    def type(self, text: str) -> None:
        """Type text."""
        _xdotool("type", "--delay", "30", text)
        self.rest(100)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as xdotool calls them: "ctrl+2", "Return"."""
        for key in keys:
            _xdotool("key", key)
            self.rest(100)

    def wait(self, condition: Callable[[], object], what: str, seconds: float = 60) -> None:
        """Let the window work until `condition` holds; TimeoutError with a picture of the screen where it does not."""
        loop = QEventLoop()
        look, end = QTimer(interval=POLL), QTimer(interval=int(1000 * seconds), singleShot=True)
        look.timeout.connect(lambda: condition() and loop.exit(1))
        end.timeout.connect(lambda: loop.exit(2))
        look.start()
        end.start()
        if loop.exec() == 2:
            self.shoot("waited in vain")
            raise TimeoutError(f"After {seconds:.0f} s still not: {what}.")

    def rest(self, milliseconds: int) -> None:
        """Let the window take in what happened."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def shoot(self, name: str) -> Path:
        """Keep a picture of the whole screen."""
        self.rest(400)
        self._count += 1
        file = self._shots / f"{self._count:02d}-{name.replace(' ', '-')}.png"
        subprocess.run(["import", "-silent", "-window", "root", str(file)], check=True, timeout=60)
        return file

    def _reveal(self, widget: QWidget, at: QPoint | None) -> None:
        area = _scroller(widget)
        for _ in range(NOTCHES):
            spot = at or widget.rect().center()
            if area is None or widget.visibleRegion().contains(spot):
                return
            below = widget.mapTo(area.viewport(), spot).y() > area.viewport().height() / 2
            self._wheel(area.viewport(), down=below)

    def _wheel(self, widget: QWidget, down: bool) -> None:
        self._move(widget, QPoint(widget.width() - 4, widget.height() // 2))
        _xdotool("click", "5" if down else "4")
        self.rest(60)

    def _move(self, widget: QWidget, at: QPoint | None = None) -> None:
        spot = widget.mapToGlobal(QPointF(at or widget.rect().center()))
        _xdotool("mousemove", "--sync", str(round(spot.x())), str(round(spot.y())))
        self.rest(40)


def button(inside: QWidget, text: str) -> QAbstractButton:
    """The visible button with these words; LookupError where there is none."""
    for found in inside.findChildren(QAbstractButton):
        if found.text() == text and found.isVisible():
            return found
    raise LookupError(f"There is no button '{text}' to be seen.")


def _scroller(widget: QWidget) -> QScrollArea | None:
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    return above


def _xdotool(*words: str) -> None:
    subprocess.run(["xdotool", *words], check=True, timeout=30)
