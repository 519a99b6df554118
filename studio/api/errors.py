"""What can go wrong in words a person can act on."""


class StudioError(Exception):
    """An error whose text tells the user what happened and what to do; anything else is a bug."""


class Stopped(Exception):
    """Raised by `report()` when the user paused or cancelled; plugins let it pass through."""
