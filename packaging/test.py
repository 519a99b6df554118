"""Set up and test Generative Studio: `python3 packaging/test.py`. Arguments go to pytest; `--slow` runs the slow tests too."""

import sys

import environment
import system


def main() -> None:
    """Run the suite without a display in two processes, one thread to a process so that tests do not disturb each other."""
    python = environment.prepare(("test",))
    system.provide(tools=True)
    quiet = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "QT_QPA_PLATFORM": "offscreen"}
    system.start([str(python), "-m", "pytest", "-n", "2", *sys.argv[1:]], environment.ROOT, **quiet)


if __name__ == "__main__":
    main()
