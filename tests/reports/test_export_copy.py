"""The CSV that PostgreSQL writes is the one that Python writes, and lists of documents add up to the measures."""

import hashlib
import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import DecimalField, F, IntegerField, Sum, Value
from django.db.models.functions import Coalesce

from customers.models import Customer, CustomerRollup
from integration_hub.spreadsheet_cells import FORMULA_STARTS
from reports.asking import usual_question
from reports.catalogue import get_report
from reports.columns import CellKind, Column, summed
from reports.export_copy import blocks, copied
from reports.export_csv import csv_blocks, csv_lines
from reports.export_seal import Seal, csv_line
from reports.exports import csv_text
from reports.rows import QueryRows
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.world import add_customer

NASTY = ["", " ", "'", '"', '""', "\\.", "\\N", "NULL", "00042", "-12.50", "+49 30 5", "a,b", "a;b", "a\nb", "a\r\nb"]
STARTS = [start for start in FORMULA_STARTS if start != "\0"]
NASTY += [f"{space}{start}{rest}" for start in STARTS for space in ("", "  ") for rest in ("", "1+1")]
NASTY += [
    "\u00a0=1",
    "\u3000=1",
    "é=1",
    "＝＝",
    "％@",
    "%s %%",
    "{0}",
    "=\ud7ff",
    "日本,語",
    "\x0b=1",
    "\x7f",
    "a\tb",
    " =1",
]
AMOUNTS = ["0", "-0.0001", "12.5", "-12.50", "0.005", "100", "999999999999999.9999", "-1.1000", "0.1", "1E+3"]


def written_twice(rows: QueryRows) -> tuple[bytes, bytes]:
    statement = copied(rows)
    assert statement is not None
    by_sql = b"".join(block for block, _ in blocks(statement))
    return by_sql, b"".join(csv_line([csv_text(cell) for cell in row.cells]) for row in rows.stream())


def test_every_nasty_text_amount_and_date_is_written_alike_by_sql_and_python(db: None) -> None:
    chance = random.Random(6)  # noqa: S311 - repeatable, not secret
    alphabet = [*"ab =+-@',;\"\\\t\r\n%{}＝０1.é", "\u2028", "\U0001f600"]
    texts = NASTY + ["".join(chance.choices(alphabet, k=chance.randint(0, 9))) for _ in range(600)]
    for number, text in enumerate(texts):
        days = AS_OF - timedelta(days=number) if number % 5 else None
        amount = Decimal(AMOUNTS[number % len(AMOUNTS)])
        add_customer(text, open_amount=amount, overdue_count=number % 7, last_order_on=days)
    third = F("open_amount") * Value(Decimal("0.33333333333333333333"), output_field=DecimalField())
    columns = (
        Column(name="name", label="Name", value="customer__name"),
        Column(name="day", label="Day", kind=CellKind.DATE, value="last_order_on"),
        summed("open", "Open", CellKind.MONEY, "open_amount"),
        Column(name="third", label="Third", kind=CellKind.NUMBER, value=Coalesce(third, third)),
        Column(name="count", label="Count", kind=CellKind.COUNT, value="overdue_count"),
        Column(name="cut", label="Cut", kind=CellKind.COUNT, value=Coalesce(third, 0, output_field=IntegerField())),
    )
    rows = QueryRows(CustomerRollup.objects.all(), columns, by=columns[0])
    by_sql, by_python = written_twice(rows)
    assert by_sql.decode().split("\n") == by_python.decode().split("\n")
    assert by_sql.count(b"'=") > 10


@pytest.mark.parametrize("name", ["invoices", "order-list", "open-items", "segmentation", "receivables"])
def test_a_report_is_copied_by_postgresql_and_says_the_same(world: World, cast: Cast, name: str) -> None:
    report = get_report(name)
    user = cast.analyst.get("/").wsgi_request.user
    rows = report.answer(usual_question(report, user=user, as_of=AS_OF)).rows
    assert isinstance(rows, QueryRows)
    by_sql, by_python = written_twice(rows)
    assert by_sql == by_python
    assert by_sql.count(b"\n") == rows.count() > 0


@pytest.mark.parametrize(
    ("name", "given", "measure"),
    [
        ("invoices", {}, "revenue_12m"),
        ("invoices", {"period": "year_to_date"}, "revenue_ytd"),
        ("order-list", {}, "order_intake"),
        ("order-list", {"period": "year_to_date"}, "order_intake_ytd"),
        ("open-items", {}, "open_amount"),
        ("open-items", {"show": "overdue"}, "overdue_amount"),
    ],
)
@pytest.mark.parametrize("who", ["analyst", "owner", "manager", "untied"])
def test_a_list_of_documents_adds_up_to_the_measure(world: World, cast: Cast, name, given, measure, who) -> None:
    page = getattr(cast, who).get(f"/reports/{name}/", given).context["page"]
    user = getattr(cast, who).get("/").wsgi_request.user
    question = usual_question(get_report(name), user=user, as_of=AS_OF)
    stored = question.rollups().aggregate(total=Sum(measure))["total"] or 0
    (total,) = [cell for cell in page.answer.rows.totals() if cell is not None]
    assert total == stored
    assert who == "untied" or stored > 0


def test_rows_and_totals_are_of_one_instant(transactional_db: None) -> None:
    from tests.reports.test_exports import export_of

    add_customer("First", revenue_last_year=Decimal(5))
    lines = csv_lines(export_of())
    next(lines)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("update rollup_customer set revenue_last_year = 999")
    finally:
        other.close()
    rest = "".join(lines)
    assert "5.00" in rest
    assert "999" not in rest
    assert not connection.in_atomic_block


def test_a_reader_who_hangs_up_leaves_no_transaction_open(transactional_db: None) -> None:
    from tests.reports.test_exports import export_of

    for number in range(5):
        add_customer(f"Customer {number}")
    lines = csv_lines(export_of())
    next(lines)
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    assert not connection.in_atomic_block
    assert Customer.objects.count() == 5


def test_the_control_sum_of_a_csv_is_that_of_the_whole_file(world: World, cast: Cast, tmp_path) -> None:
    from tests.reports.test_exports import export_of

    seal = Seal()
    content = b"".join(csv_blocks(export_of(), seal))
    rows = b"".join(content.splitlines(keepends=True)[1:-1])
    assert seal.digest == hashlib.sha256(content).hexdigest()
    assert (seal.rows, date.fromisoformat("2026-02-10")) == (rows.count(b"\n"), export_of().as_of)
