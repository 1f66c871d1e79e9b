"""Tells systemd that a process is ready and still works (sd_notify); without systemd nothing happens."""

import os
import socket
from contextlib import suppress

READY, ALIVE = "READY=1", "WATCHDOG=1"


def tell(state: str) -> None:
    """Send a word to the socket that systemd names in the environment."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # Where nobody listens any more, or is slow to, nobody waits for the word.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.setblocking(False)
        # An address that begins with @ is no file.
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.sendall(state.encode())
