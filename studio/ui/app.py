"""Starts the window: the frame is painted first, the engine and the first place follow."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from studio.home import resources
from studio.ui import preferences, theme
from studio.ui.bridge import Bridge
from studio.ui.main_window import MainWindow

if TYPE_CHECKING:
    from studio.engine.engine import Engine


def run(arguments: Sequence[str] = ()) -> int:
    """Open the window and stay until it is closed; returns the exit status."""
    _guard()
    options = _options(arguments)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication([sys.argv[0]])
    window = open_window(app, start_engine, options.place)
    sys.excepthook = _notify(window)
    status = app.exec()
    window.bridge.close()
    return status


def open_window(app: QApplication, start: Callable[[], Engine], place: str = "arena") -> MainWindow:
    """Show the frame, then (after its first paint) connect the engine and build the first place."""
    known = preferences.read()
    app.setApplicationName("Generative Studio")
    app.setDesktopFileName("generative-studio")
    app.setWindowIcon(QIcon(str(resources() / "icons" / "studio.svg")))
    theme.load_fonts()
    theme.reduce_motion(known.reduced_motion)
    theme.apply(app, known.theme)
    window = MainWindow(Bridge(start))
    window.resize(known.width, known.height)
    window.painted.connect(lambda: _furnish(window, place))
    window.show()
    return window


def start_engine() -> Engine:
    """The engine in a process of its own."""
    from studio.engine.client import EngineClient

    return EngineClient.start()


def _furnish(window: MainWindow, place: str) -> None:
    window.bridge.connect_engine()
    window.show_place(place)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="studio", description="Generative Studio's window.")
    places = ("arena", "train", "graph", "library", "plugins", "settings")
    parser.add_argument("--place", choices=places, default="arena", help="the place to open first")
    return parser.parse_args(arguments)


def _guard() -> None:
    from studio.interpreter import check_interpreter

    check_interpreter()


def _notify(window: MainWindow) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(details)
        if issubclass(kind, KeyboardInterrupt):
            window.close()
        else:
            window.notices.tell("error", f"Something unexpected happened: {error or kind.__name__}", details)

    return hook
