"""What pip cannot bring: shared libraries that Qt opens, a font, and the tools that tests drive a window with."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
TOOLS = {"Xvfb": "xvfb", "xauth": "xauth", "openbox": "openbox", "xdotool": "xdotool", "import": "imagemagick"}


def has_display() -> bool:
    """Whether a window can be shown."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def provide(tools: bool = False, needed: bool = True) -> None:
    """See to Qt's libraries, a font and the tests' `tools`; what is `needed` and cannot be installed is named."""
    if not sys.platform.startswith("linux"):
        return
    packages = [package for library, package in LIBRARIES.items() if not _opens(library)]
    packages += ["fonts-dejavu-core"] if not _has_font() else []
    packages += [package for tool, package in TOOLS.items() if tools and not shutil.which(tool)]
    if packages and (needed or os.geteuid() == 0):
        install(packages, "Some of what a Qt window needs is missing on this system.", needed)


def install(packages: list[str], reason: str, needed: bool = True) -> None:
    """Install Debian packages as root, else name them with the command to run."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"{reason} Installing {' '.join(packages)}", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
        command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
        if subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL).returncode == 0:
            return
    text = f"{reason} Run: sudo apt-get install {' '.join(packages)}  (the names are Debian's; elsewhere they differ a little)"
    if needed:
        sys.exit(text)
    print(text, flush=True)


@contextlib.contextmanager
def one_at_a_time(file: Path) -> Generator[None]:
    """Hold the lock on `file`, so that two set-ups do not mix; Windows goes without."""
    if os.name == "nt":
        yield
        return
    import fcntl

    with file.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def start(command: list[str], folder: Path | None = None, **variables: str) -> None:
    """Become `command`; where the system cannot replace a process, run it and end with its exit code."""
    environment = {**os.environ, **variables}
    os.chdir(folder or ".")
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False, env=environment).returncode)
    sys.stdout.flush()
    os.execve(command[0], command, environment)


def _opens(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font() -> bool:
    folders = (
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        Path.home() / ".fonts",
        Path.home() / ".local/share/fonts",
    )
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders)
