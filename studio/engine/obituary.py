"""Why a process ended, in words."""

import signal

_LIKELY = {
    "SIGKILL": "it was killed, often because memory ran out",
    "SIGABRT": "code in it gave up, often because of a broken model file",
    "SIGSEGV": "code in it touched memory that is not its own",
    "SIGBUS": "code in it touched memory that is not there",
    "SIGILL": "code in it needs a newer processor",
    "SIGFPE": "code in it divided by zero",
}


def obituary(code: int) -> str:
    """What an exit code means: "by SIGKILL (it was killed, often because memory ran out)", "with code 3"."""
    if code >= 0:
        return f"with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"by signal {-code}"
    return f"by {name} ({_LIKELY.get(name, 'sent from outside')})"
