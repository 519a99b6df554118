"""Set up and start Generative Studio: `python3 packaging/run.py`. Arguments go to the `studio` command."""

import sys

import environment
import system

DEMO = "demo-pictures"


def main() -> None:
    """Open the window; without a display, make the demonstration's pictures instead."""
    arguments = sys.argv[1:]
    python = environment.prepare()
    system.provide(needed=system.has_display() and not arguments)
    if not arguments and not system.has_display():
        print(f"There is no display, so no window can open. Making the demonstration's pictures in {DEMO}/ instead.", flush=True)
        arguments = ["demo", "-o", DEMO]
    system.start([str(python), "-m", "studio", *arguments])


if __name__ == "__main__":
    main()
