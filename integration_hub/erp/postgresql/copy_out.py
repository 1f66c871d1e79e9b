"""Receives a COPY from a server in large chunks. psycopg's own loop is asked only when it must wait for the network:
called for each row, it takes more time than both servers.
"""

from collections.abc import Generator

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from integration_hub.erp.copy_text import CHUNK_BYTES


def copied_out(connection: psycopg.Connection, statement: bytes) -> Generator[bytes, None, int]:
    """The bytes in chunks of about 256 KiB; returns the number of rows that the server says it sent."""
    cursor = connection.cursor()
    with cursor.copy(statement) as copy:
        receive = connection.pgconn.get_copy_data
        while first := copy.read():
            held, size, length = [first], len(first), 1
            # 1: do not wait. A length of 0 says that nothing more is here yet, -1 that this was the end.
            while size < CHUNK_BYTES:
                length, row = receive(1)
                if length <= 0:
                    break
                held.append(row)
                size += length
            yield b"".join(held)
            if length < 0:
                return _ended(connection.pgconn)
    return cursor.rowcount


def _ended(server: PGconn) -> int:
    """Take what follows the last row, to its end. Raises what the server says where it broke off."""
    results = list(iter(server.get_result, None))
    for result in results:
        if result.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result)
    return results[-1].command_tuples or 0
