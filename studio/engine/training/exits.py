"""How a trainer's process tells in a number how it ended."""

OK = 0
REFUSED = 1
PLUGIN_FAILED = 70
DISK_FAILED = 74
TAKEN = 75
