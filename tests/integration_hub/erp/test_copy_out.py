"""Receiving a COPY: all bytes, the count of rows, and errors of the server at any place."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from psycopg.pq import TransactionStatus

from integration_hub.erp.postgresql.copy_out import copied_out


@pytest.fixture
def server() -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"]) as connection:
        yield connection


def received(server: psycopg.Connection, query: str) -> tuple[bytes, int]:
    """All bytes, and the number of rows that the server says it sent."""
    chunks, rows = [], 0

    def reading() -> Iterator[None]:
        nonlocal rows
        copy = copied_out(server, f"copy ({query}) to stdout".encode())
        while True:
            try:
                chunks.append(next(copy))
            except StopIteration as end:
                rows = end.value
                return
            yield

    for _ in reading():
        pass
    return b"".join(chunks), rows


@pytest.mark.parametrize("rows", [0, 1, 300_000])
def test_every_byte_arrives_with_the_number_of_rows(server: psycopg.Connection, rows: int) -> None:
    content, sent = received(server, f"select n from generate_series(1, {rows}) n")
    assert content == b"".join(b"%d\n" % n for n in range(1, rows + 1))
    assert sent == rows


@pytest.mark.parametrize("bad", [1, 200_000])
def test_an_error_at_any_row_is_raised_and_the_session_can_go_on(server: psycopg.Connection, bad: int) -> None:
    with pytest.raises(errors.DivisionByZero):
        received(server, f"select 1 / ({bad} - n) from generate_series(1, 200000) n")
    assert server.info.transaction_status == TransactionStatus.INERROR
    server.rollback()
    assert received(server, "select 1") == (b"1\n", 1)


def test_a_read_that_is_given_up_ends_its_statement(server: psycopg.Connection) -> None:
    copy = copied_out(server, b"copy (select n from generate_series(1, 1000000) n) to stdout")
    next(copy)
    copy.close()
    assert server.info.transaction_status == TransactionStatus.INERROR
    server.rollback()
    assert received(server, "select 1") == (b"1\n", 1)
