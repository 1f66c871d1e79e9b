"""A network that can be cut: a relay in front of a server, which refuses, cuts or swallows what passes."""

import contextlib
import selectors
import socket
import struct
import threading
from dataclasses import dataclass, field

PASS, CUT, SWALLOW = "pass", "cut", "swallow"
Address = tuple[str, int] | str


@dataclass
class Relay:
    """Listens on a port of this machine and passes everything on to `target` (host and port, or a socket's path).

    `cut` ends all connections with a reset and refuses new ones; `swallow` takes everything and passes nothing on.
    """

    target: Address
    mode: str = PASS
    pairs: dict[socket.socket, socket.socket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def stop(self) -> None:
        """End it, and every connection."""
        self._stopped.set()
        self._thread.join(5)
        self._listener.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            for key, _ in self._selector.select(0.05):
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket) and key.fileobj in self.pairs:
                    self._pass_on(key.fileobj)
            if self.mode == CUT:
                for each in list(self.pairs):
                    self._end(each, reset=True)
        for each in list(self.pairs):
            self._end(each)

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        if self.mode == CUT:
            self._reset(near)
            return
        far = socket.socket(socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET)
        try:
            far.connect(self.target)
        except OSError:
            near.close()
            far.close()
            return
        for one, other in ((near, far), (far, near)):
            self.pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        try:
            data = one.recv(65536)
            if data and self.mode == PASS:
                self.pairs[one].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._end(one)

    def _end(self, one: socket.socket, *, reset: bool = False) -> None:
        other = self.pairs.pop(one, None)
        for each in filter(None, (one, other)):
            self.pairs.pop(each, None)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(each)
            if reset:
                self._reset(each)
            else:
                each.close()

    @staticmethod
    def _reset(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
