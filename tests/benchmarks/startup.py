"""Cold start to the first paint: the studio's window beside a bare QMainWindow, A B A B.

    python -m tests.benchmarks.startup [--runs 10] [--platform offscreen]

Wall and CPU seconds of whole processes until the first paint event is handled; medians and the ratio.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

BARE = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        import os, time; print(time.process_time(), flush=True); os._exit(0)
app = QApplication(sys.argv)
window = Window(); window.resize(1440, 900); window.show()
app.exec()
"""
STUDIO = """
import os, time
from PySide6.QtWidgets import QApplication
from studio.interpreter import check_interpreter
check_interpreter()
from studio.ui import app as application
def never(): raise SystemExit
app = QApplication([])
window = application.open_window(app, never)
window.painted.disconnect()
def painted():
    print(time.process_time(), flush=True); os._exit(0)
window.painted.connect(painted)
app.exec()
"""


def start(code: str, platform: str) -> tuple[float, float]:
    """Wall and CPU seconds to the first paint."""
    begun = time.monotonic()
    environment = {**os.environ, "QT_QPA_PLATFORM": platform}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return time.monotonic() - begun, float(ended.stdout.split()[-1])


def main() -> None:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--platform", default="offscreen")
    options = parser.parse_args()
    seen: dict[str, list[tuple[float, float]]] = {"bare": [], "studio": []}
    for code in (BARE, STUDIO):
        start(code, options.platform)
    for _ in range(options.runs):
        seen["bare"].append(start(BARE, options.platform))
        seen["studio"].append(start(STUDIO, options.platform))
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in seen.items()}
    for name, (wall, cpu) in medians.items():
        print(f"{name:7s} first paint after {wall:.2f} s wall, {cpu:.2f} s CPU (median of {options.runs})")
    wall, cpu = (studio / bare for studio, bare in zip(medians["studio"], medians["bare"], strict=True))
    print(f"ratio   {wall:.2f} wall, {cpu:.2f} CPU")


if __name__ == "__main__":
    main()
