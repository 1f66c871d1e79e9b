"""Everything needed to run Customer 360 on one machine without a server installed: start, watch, stop, forget."""


class CannotStartError(Exception):
    """Something about this machine stands in the way; the message is one sentence for the person at the terminal."""
