"""Whether this Python can run the window at all, decided from metadata before Qt is imported."""

import sys
from importlib.metadata import PackageNotFoundError, version

FORGETFUL = "6.12.0"


def check_interpreter() -> None:
    """Refuse PySide6 6.12.0 on Python before 3.12: each void call there drops a reference to None until the program aborts.

    Raises:
        StudioError: naming what to install.
    """
    if installed := _forgetful_qt():
        from studio.api.errors import StudioError

        raise StudioError(
            f"PySide6 {installed} crashes on Python {sys.version_info.major}.{sys.version_info.minor} (PYSIDE-3474). "
            'Install "PySide6-Essentials==6.11.2", or use Python 3.12 or newer.'
        )


def _forgetful_qt() -> str:
    if sys.version_info >= (3, 12):
        return ""
    try:
        installed = version("PySide6-Essentials")
    except PackageNotFoundError:
        return ""
    return installed if installed.startswith(FORGETFUL) else ""
