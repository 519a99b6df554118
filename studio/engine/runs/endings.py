"""Why a trainer is gone, in words."""

import signal

ENDINGS = {
    70: "A plugin failed.",
    74: "The trainer could not write to the disk any more; make room, then resume.",
    75: "Another trainer was at work on this run already.",
}
MEANINGS = {
    "SIGKILL": "it was killed from outside, most often because memory ran out: try a smaller batch size or model",
    "SIGSEGV": "a crash in native code; its output tells where",
    "SIGABRT": "native code gave up; its output tells where",
    "SIGBUS": "a crash in native code, or a full disk under a mapped file",
    "SIGFPE": "native code divided by zero",
    "SIGILL": "native code was built for another processor",
    "SIGXCPU": "the system's limit on processor time was reached",
    "SIGXFSZ": "the system's limit on file sizes was reached",
    "SIGTERM": "it was asked to end",
    "SIGHUP": "its terminal was closed",
}


def explain(code: int | None, who: str = "The trainer") -> str:
    """How a process ended, in words; negative codes are signals, None is an end that nobody saw."""
    if code is None:
        return f"{who} ended without a word: it was killed, or the computer went off."
    if code < 0:
        name = _signal(-code)
        return f"{who} was ended by {name}: {MEANINGS.get(name, 'a signal')}."
    return ENDINGS.get(code, f"{who} ended with code {code} and without a word; its output may tell why.")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
