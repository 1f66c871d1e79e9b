"""Reading an ERP's PostgreSQL: bytes of COPY, one snapshot, changes with overlap, errors in words."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from integration_hub.config import Column, Filter
from integration_hub.erp.postgresql import session as postgres
from integration_hub.erp.postgresql.source import SqlSource
from integration_hub.sources import RightLost, SourceProblem, SourceRefused
from tests.chaos.relay import SWALLOW, Relay

ORDERS = """
create table so (no text primary key, kunde text, value numeric(12,2), curr text, state text, changed timestamptz)
"""
FOUR = """
insert into so values
    ('0001', 'A', 10.50, 'EUR', 'ok', '2026-03-01 10:00+00'),
    ('0002', 'A', -3.00, 'EUR', 'ok', '2026-03-01 10:20+00'),
    ('0003', E'B\\tC\\n\\\\', 7.00, 'USD', 'ok', '2026-03-01 11:00+00'),
    ('0004', null, null, 'EUR', 'test', null)
"""


@pytest.fixture
def orders(erp):
    erp.run(ORDERS)
    erp.run(FOUR)
    return erp


def read(source, stream, cursor=None):
    with source.extract(stream, cursor) as extract:
        content = b"".join(extract.chunks)
        return extract, content.decode().splitlines()


def test_rows_come_as_copy_text_with_their_columns_in_order(orders):
    stream = orders.stream("select no, kunde, value from {s}.so order by no")
    extract, lines = read(SqlSource(orders.source(stream)), stream)
    assert extract.columns == ("no", "kunde", "value")
    assert extract.format == "text"
    assert lines == ["0001\tA\t10.50", "0002\tA\t-3.00", "0003\tB\\tC\\n\\\\\t7.00", "0004\t\\N\t\\N"]


def test_a_whole_read_is_complete_and_says_how_many_rows_were_sent(orders):
    stream = orders.stream("select * from {s}.so")
    started = datetime.now(UTC)
    with SqlSource(orders.source(stream)).extract(stream, None) as extract:
        assert not extract.complete()
        assert extract.expected_rows() is None
        for _ in extract.chunks:
            pass
        assert extract.complete()
        assert extract.expected_rows() == 4
    assert started <= extract.as_of <= datetime.now(UTC) + timedelta(seconds=1)


def test_a_change_read_takes_the_overlap_again_and_rows_that_have_no_mark_yet(orders):
    stream = orders.stream("select no, changed from {s}.so order by no", cursor="changed", overlap_minutes=45)
    extract, lines = read(SqlSource(orders.source(stream)), stream, "2026-03-01 11:00:00+00")
    assert [line.partition("\t")[0] for line in lines] == ["0002", "0003", "0004"]
    assert not extract.complete()


def test_rows_with_the_same_mark_as_the_cursor_are_not_lost(orders):
    stream = orders.stream("select no, changed from {s}.so order by no", cursor="changed", overlap_minutes=0)
    _, lines = read(SqlSource(orders.source(stream)), stream, "2026-03-01 10:20:00+00")
    assert [line.partition("\t")[0] for line in lines] == ["0002", "0003", "0004"]


def test_a_number_can_be_the_change_mark(erp):
    erp.run("create table v as select i as no, i as version from generate_series(8, 12) as i")
    stream = erp.stream("select * from {s}.v order by no", cursor="version")
    _, lines = read(SqlSource(erp.source(stream)), stream, "10")
    assert lines == ["10\t10", "11\t11", "12\t12"]


def test_a_stream_without_a_change_mark_is_always_read_whole(orders):
    stream = orders.stream("select no from {s}.so")
    extract, lines = read(SqlSource(orders.source(stream)), stream, "")
    assert len(lines) == 4
    assert extract.complete()


def test_all_streams_of_a_source_are_read_in_one_snapshot(orders):
    stream = orders.stream("select no from {s}.so")
    source = SqlSource(orders.source(stream))
    _, before = read(source, stream)
    orders.run("insert into so (no) values ('0005')")
    _, after = read(source, stream)
    assert after == before
    _, anew = read(SqlSource(orders.source(stream)), stream)
    assert len(anew) == 5


def test_a_read_that_was_given_up_leaves_a_source_that_can_be_read_again(erp):
    stream = erp.stream("select i, repeat('x', 200) from generate_series(1, 20000) as i")
    source = SqlSource(erp.source(stream))
    with source.extract(stream, None) as extract:
        next(extract.chunks)
    assert not extract.complete()
    _, lines = read(source, stream)
    assert len(lines) == 20_000


def test_a_failure_of_the_reader_is_not_blamed_on_the_source(orders):
    stream = orders.stream("select no from {s}.so")
    with pytest.raises(psycopg.DataError, match="mine"), SqlSource(orders.source(stream)).extract(stream, None):
        raise psycopg.DataError("mine")


def test_times_numbers_and_dates_do_not_depend_on_the_roles_settings(erp):
    erp.run(
        "create table t as select timestamptz '2026-07-01 12:00+02' as at, date '2026-07-01' as day, 0.1::float8 as f"
    )
    stream = erp.stream("select * from {s}.t")
    _, lines = read(SqlSource(erp.source(stream)), stream)
    assert lines == ["2026-07-01 10:00:00+00\t2026-07-01\t0.1"]


def test_a_query_may_end_with_a_semicolon_or_a_comment(orders):
    for ending in (";", " -- all of them", ";\n"):
        stream = orders.stream("select no from {s}.so" + ending)
        _, lines = read(SqlSource(orders.source(stream)), stream)
        assert len(lines) == 4


def test_totals_are_summed_by_the_source_per_currency_with_filter_and_sign(orders):
    stream = orders.stream(
        "select no, value, curr, state from {s}.so",
        columns={"net_amount": Column(source=("value",), factor="-1"), "currency": Column(source=("curr",))},
        filters=(Filter(column="state", exclude=("test",)),),
    )
    totals = SqlSource(orders.source(stream)).totals(stream)
    assert totals.rows == 3
    assert totals.sums == {"net_amount": {"EUR": Decimal("-7.50"), "USD": Decimal("-7.00")}}


def test_totals_use_a_constant_currency_and_columns_of_the_same_name(orders):
    stream = orders.stream("select no, value as net_amount from {s}.so", columns={"currency": Column(constant="CHF")})
    assert SqlSource(orders.source(stream)).totals(stream).sums == {"net_amount": {"CHF": Decimal("14.50")}}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select nope from {s}.so", 'column "nope" does not exist'),
        ("select * from {s}.gone", "does not exist"),
        ("selec 1", "syntax error"),
    ],
)
def test_a_query_that_no_longer_fits_the_erp_says_where_to_correct_it(orders, query, words):
    stream = orders.stream(query)
    with pytest.raises(SourceProblem, match=words) as caught:
        read(SqlSource(orders.source(stream)), stream)
    assert 'query of "orders" in hub.toml' in caught.value.remedy
    assert "what was loaded before stays" in caught.value.meaning


def test_a_missing_change_mark_is_told_before_anything_is_read(orders):
    stream = orders.stream("select no from {s}.so", cursor="changed")
    with pytest.raises(SourceProblem, match='no column "changed"'):
        read(SqlSource(orders.source(stream)), stream, "2026-01-01")


def test_two_columns_of_one_name_are_refused(orders):
    stream = orders.stream("select no, kunde as no from {s}.so")
    with pytest.raises(SourceProblem, match='two columns named "no"'):
        read(SqlSource(orders.source(stream)), stream)


def test_a_value_the_erp_cannot_compute_is_an_error_of_the_stream(orders):
    stream = orders.stream("select 1 / (value - 7) from {s}.so")
    with pytest.raises(SourceProblem, match="division by zero"):
        read(SqlSource(orders.source(stream)), stream)


@pytest.mark.parametrize("server", ["@127.0.0.1:1/erp_demo", "@/erp_demo?host=/nowhere/petroleum"])
def test_a_server_that_does_not_answer_is_tried_again_later(erp, server):
    source = SqlSource(erp.source(url=f"postgresql://erp_reader{server}"))
    with pytest.raises(SourceProblem, match="Test ERP cannot be read") as caught:
        source.check()
    assert caught.value.transient
    assert "what was loaded before stays" in caught.value.meaning


@pytest.mark.parametrize(
    ("change", "meaning"),
    [(("erp_reader@", "nobody_knows@"), "does not accept this role"), (("/erp_demo", "/no_such"), "no such database")],
)
def test_a_wrong_role_or_database_is_told_apart_from_a_server_that_is_down(erp, change, meaning):
    source = SqlSource(erp.source(url=erp.reader_url.replace(*change)))
    with pytest.raises(SourceProblem) as caught:
        source.check()
    assert meaning in caught.value.meaning
    assert not caught.value.transient
    assert isinstance(caught.value, RightLost), "the schedule names it so"


def test_an_address_that_makes_no_sense_is_refused_without_showing_it(erp):
    with pytest.raises(SourceProblem) as caught:
        SqlSource(erp.source(url="postgresql://me:secret@host/db?nonsense=1")).check()
    assert "secret" not in str(caught.value)


def end_our_sessions(orders):
    with psycopg.connect(orders.admin_url.replace("//hub@", "//postgres@")) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where usename = 'erp_reader' and application_name = 'Customer 360' and datname = current_database()"
        )


@pytest.mark.chaos
def test_what_was_read_is_not_compared_with_the_instant_of_another_session(orders):
    stream = orders.stream("select no, value as net_amount, curr as currency from {s}.so")
    source = SqlSource(orders.source(stream))
    read(source, stream)
    assert source.totals(stream).rows == 4
    end_our_sessions(orders)
    orders.run("delete from so where no = (select min(no) from so)")
    for why in ("cannot be read", "ended before what was read was compared"):
        with pytest.raises(SourceProblem, match=why) as caught:
            source.totals(stream)
        assert caught.value.transient
    read(source, stream)
    assert source.totals(stream).rows == 3


@pytest.mark.chaos
def test_a_session_that_the_erp_ends_is_a_problem_that_passes(orders):
    stream = orders.stream("select no, pg_sleep(0) from {s}.so")
    source = SqlSource(orders.source(stream))
    read(source, stream)
    end_our_sessions(orders)
    with pytest.raises(SourceProblem, match="Test ERP cannot be read") as caught:
        read(source, stream)
    assert caught.value.transient
    _, lines = read(source, stream)
    assert len(lines) == 4


def test_a_table_that_the_erp_has_locked_is_tried_again_later(orders, monkeypatch):
    quick = tuple(each.replace("'30s'", "'50ms'") for each in postgres.SESSION)
    monkeypatch.setattr(postgres, "SESSION", quick)
    stream = orders.stream("select no from {s}.so")
    with psycopg.connect(orders.admin_url) as connection:
        connection.execute(f"lock table {orders.schema}.so in access exclusive mode".encode())
        with pytest.raises(SourceProblem, match="lock timeout") as caught:
            read(SqlSource(orders.source(stream)), stream)
    assert caught.value.transient
    assert "locked a table" in caught.value.meaning


def test_a_query_that_would_write_is_stopped_by_the_session(orders):
    orders.run("create sequence counter")
    orders.run("grant usage on sequence counter to public")
    stream = orders.stream("select nextval('{s}.counter')")
    with pytest.raises(SourceRefused):
        read(SqlSource(orders.source(stream)), stream)


def test_p20_a_database_behind_something_that_acknowledges_and_never_answers_is_given_up(orders):
    given = psycopg.conninfo.conninfo_to_dict(orders.reader_url)
    host, port = str(given["host"]), int(given.get("port") or 5432)
    relay = Relay(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port))
    try:
        url = psycopg.conninfo.make_conninfo(orders.reader_url, host="127.0.0.1", port=relay.port)
        stream = orders.stream("select no from {s}.so")
        source = SqlSource(replace(orders.source(stream, url=url), answer_seconds=1))
        assert len(read(source, stream)[1]) == 4
        relay.mode = SWALLOW
        began = time.monotonic()
        with pytest.raises(SourceProblem, match=r"silent for 1 seconds") as caught:
            read(source, stream)
        assert time.monotonic() - began < 4
        assert caught.value.transient
        relay.mode = "pass"
        assert len(read(source, stream)[1]) == 4
    finally:
        relay.stop()
