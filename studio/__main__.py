"""The window, without arguments; the command line otherwise."""

import sys


def main() -> int:
    """Open the window, or run the command that was asked for."""
    if len(sys.argv) == 1 or sys.argv[1].startswith("--place"):
        from studio.ui.app import run

        return run(sys.argv[1:])
    from studio.cli.commands import main as command

    return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
