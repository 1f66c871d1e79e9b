"""Reading through SQLAlchemy: exact text, one snapshot, changes with overlap, errors in words, a session that ends."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from integration_hub.config import Column, Filter
from integration_hub.sources import SourceProblem, SourceRefused
from tests.erp.database.worlds import Database, read, stream

ORDERS = (
    "create table so (no varchar(20) primary key, kunde varchar(200), value {money}, curr char(3), changed {instant})"
)
INSERT = "insert into so values (?, ?, ?, ?, ?)"
FOUR = (
    ("0001", "A", "10.500000", "EUR", "2026-03-01 10:00:00"),
    ("0002", "A", "-3.000000", "EUR", "2026-03-01 10:20:00"),
    ("0003", "B\tC\n\\ % :x \r", "7.123456", "USD", "2026-03-01 11:00:00"),
    ("0004", None, None, "EUR", None),
)


@pytest.fixture
def orders(database: Database) -> Database:
    database.write(ORDERS)
    database.write(INSERT, FOUR)
    return database


def test_rows_come_as_copy_text_with_their_columns_in_order(orders):
    lines = read(orders.source(), stream("select no, kunde, value from so order by no"))
    assert lines == [
        "0001\tA\t10.500000",
        "0002\tA\t-3.000000",
        "0003\tB\\tC\\n\\\\ % :x \\r\t7.123456",
        "0004\t\\N\t\\N",
    ]


def test_a_whole_read_is_complete_only_when_its_last_row_was_handed_over(orders):
    started = datetime.now(UTC)
    with orders.source().extract(stream("select * from so"), None) as extract:
        assert not extract.complete()
        for _ in extract.chunks:
            pass
        assert extract.complete()
    assert extract.columns == ("no", "kunde", "value", "curr", "changed")
    assert started <= extract.as_of <= datetime.now(UTC) + timedelta(seconds=1)


def test_a_change_read_takes_the_overlap_again_and_rows_that_have_no_mark_yet(orders):
    wanted = stream("select no, changed from so order by no", cursor="changed", overlap_minutes=45)
    source = orders.source()
    assert [line[:4] for line in read(source, wanted, "2026-03-01 11:00:00")] == ["0002", "0003", "0004"]
    with source.extract(wanted, "2026-03-01 11:00:00") as extract:
        assert list(extract.chunks)
        assert not extract.complete()


def test_rows_with_the_same_mark_as_the_cursor_are_not_lost(orders):
    wanted = stream("select no, changed from so order by no", cursor="changed", overlap_minutes=0)
    assert [line[:4] for line in read(orders.source(), wanted, "2026-03-01 10:20:00")] == ["0002", "0003", "0004"]


def test_a_number_can_be_the_change_mark_however_large(database):
    base = 2**62
    database.write("create table v (no bigint, version bigint)")
    database.write("insert into v values (?, ?)", [(number, base + number) for number in range(8, 13)])
    wanted = stream("select * from v order by no", cursor="version")
    lines = read(database.source(), wanted, str(base + 10))
    assert lines == [f"{number}\t{base + number}" for number in (10, 11, 12)]


def test_a_day_as_change_mark_goes_back_by_whole_days(database):
    database.write("create table d (no integer, changed date)")
    database.write("insert into d values (?, ?)", [(1, "2026-02-27"), (2, "2026-02-28"), (3, "2026-03-01")])
    wanted = stream("select * from d order by no", cursor="changed", overlap_minutes=30)
    assert [line[0] for line in read(database.source(), wanted, "2026-03-01")] == ["2", "3"]


def test_a_change_mark_of_another_type_than_before_asks_for_a_whole_read(database):
    database.write("create table v (no integer, version bigint)")
    database.write("insert into v values (?, ?)", [(1, 7)])
    with pytest.raises(SourceProblem, match="is of another type") as caught:
        read(database.source(), stream("select * from v", cursor="version"), "2026-03-01 10:00")
    assert "manage.py sync --source main --full" in caught.value.remedy


def test_all_streams_of_a_source_are_read_in_one_snapshot(orders):
    source, wanted = orders.source(), stream("select no from so")
    before = read(source, wanted)
    orders.write(INSERT, [("0005", "A", "1", "EUR", None)])
    assert read(source, wanted) == before
    source.close()
    assert len(read(orders.source(), wanted)) == 5


def test_a_read_that_was_given_up_leaves_a_source_that_can_be_read_again(database):
    database.write("create table many (no integer primary key, filler varchar(400))")
    database.write("insert into many values (?, ?)", [(number, "x" * 400) for number in range(5_000)])
    source, wanted = database.source(), stream("select * from many")
    with source.extract(wanted, None) as extract:
        next(extract.chunks)
    assert not extract.complete()
    assert len(read(source, wanted)) == 5_000


def test_a_failure_of_the_reader_is_not_blamed_on_the_source(orders):
    with pytest.raises(ZeroDivisionError), orders.source().extract(stream("select no from so"), None):
        raise ZeroDivisionError


def test_a_query_may_end_with_a_semicolon_or_a_comment(orders):
    for ending in (";", " -- all of them", ";\n"):
        assert len(read(orders.source(), stream("select no from so" + ending))) == 4


def test_what_looks_like_a_parameter_in_a_query_is_text(orders):
    wanted = stream("select '10:30 :x %s %(a)s' as t, no from so where no = '0001'")
    assert read(orders.source(), wanted) == ["10:30 :x %s %(a)s\t0001"]


def test_totals_are_summed_exactly_per_currency_company_and_month_with_filter_and_sign(orders):
    wanted = stream(
        "select no, value, curr, kunde, changed from so",
        columns={
            "net_amount": Column(source=("value",), factor="-1"),
            "currency": Column(source=("curr",)),
            "company": Column(source=("kunde",)),
            "ordered_on": Column(source=("changed",)),
        },
        filters=(Filter(column="no", exclude=("0003",)),),
    )
    totals = orders.source().totals(wanted)
    assert totals.rows == 3
    assert totals.sums == {"net_amount": {"EUR": Decimal("-7.5")}}
    assert totals.groups == {
        ("A", "2026-03", "EUR"): (2, {"net_amount": Decimal("-7.5")}),
        ("", "", "EUR"): (1, {"net_amount": Decimal(0)}),
    }
    for group, (rows, _) in totals.groups.items():
        with orders.source().group(wanted, group) as extract:
            lines = b"".join(extract.chunks).decode().splitlines()
            assert len(lines) == rows
            assert all((group[0] or "\\N") == line.split("\t")[3] for line in lines)
            assert not extract.complete()


@pytest.mark.parametrize("query", ["select nope from so", "select * from gone", "selec 1", "select no, no from so"])
def test_a_query_that_does_not_fit_the_erp_says_where_to_correct_it(orders, query):
    with pytest.raises(SourceProblem) as caught:
        read(orders.source(), stream(query))
    assert "in hub.toml" in caught.value.remedy
    assert not caught.value.transient
    assert "what was loaded before stays" in caught.value.meaning or "Nothing was changed" in caught.value.meaning


def test_a_column_that_the_stream_names_but_its_query_does_not_deliver_is_said(orders):
    for key in ("cursor", "key_column"):
        with pytest.raises(SourceProblem, match='has no column "nope"') as caught:
            read(orders.source(), stream("select no from so", **{key: "nope"}), "1")
        assert f"named as {key}" in caught.value.meaning


def test_a_query_that_writes_is_stopped_and_nothing_is_written(orders):
    for query in ("delete from so", "select no from so; delete from so", "update so set value = 0"):
        with pytest.raises(SourceProblem):
            read(orders.source(), stream(query))
    assert len(read(orders.source(), stream("select no from so where value <> 0"))) == 3


def test_the_session_itself_refuses_every_write(orders):
    source = orders.source()
    read(source, stream("select no from so"))
    session = source._opened()
    from integration_hub.erp.database.errors import explained

    for statement in ("delete from so", "create table mine (i integer)"):
        with pytest.raises(SourceProblem) as caught, explained(session.source, session.dialect, "orders"):
            session.connection.exec_driver_sql(statement)
        assert isinstance(caught.value, SourceRefused) or "lacks the right" in caught.value.meaning
    source.close()
    assert len(read(orders.source(), stream("select no from so"))) == 4
