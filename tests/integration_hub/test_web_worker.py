"""What the web's worker keeps of a large request."""

import socket

from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]

from integration_hub.web_worker import PatientWorker


def test_a_large_file_is_let_go_of_when_it_was_read_although_its_connection_is_kept() -> None:
    ours, client = socket.socketpair()
    with ours, client:
        unreader, arrived = SocketUnreader(ours), bytearray(b"f" * 3_000_000)
        PatientWorker._give(unreader, arrived)
        client.sendall(b"next")
        assert unreader.read(3_000_000) == arrived
        assert "chunk" not in vars(unreader), "the file hangs on it"
        assert unreader.read() == b"next"
