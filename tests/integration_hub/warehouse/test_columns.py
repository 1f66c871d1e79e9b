"""What each type of column reads, and what it refuses, one text at a time."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from psycopg import sql

from integration_hub.columns import column_map
from integration_hub.config import Column, StreamConfig
from integration_hub.sources import Extract, SourceProblem
from integration_hub.streams import target
from integration_hub.warehouse import fetch, fill_stage


def read(
    table: str, column: str, text: str | None, config: Column | None = None, source: str = "main"
) -> tuple[Any, Any]:
    """The value and the problem of one text in one column; the value is None where there is a problem."""
    columns = {column: config or Column(source=("given",))}
    if column != "key":
        columns["key"] = Column(constant="1")
    stream = StreamConfig(name="s", target=table, columns=columns)
    value = "\\N" if text is None else text.replace("\\", "\\\\").replace("\t", "\\t")
    chunk = f"{value}\n".encode()
    made = column_map(source, stream, target(table), ("given",))
    stage = fill_stage(0, "s", Extract(("given",), "text", iter([chunk]), lambda: True, datetime.now(UTC)))
    mapped = next(each for each in made.columns if each.name == column)
    ((problem,),) = fetch(sql.SQL("select {} from {} as s").format(mapped.problem, stage.table))
    if problem is not None:
        return None, problem
    ((found,),) = fetch(sql.SQL("select {} from {} as s").format(mapped.value, stage.table))
    return found, None


NUMBERS: Mapping[str | None, str | None] = {
    "12.50": "12.50",
    "-0.0001": "-0.0001",
    "1.50000000": "1.5",
    "1,234.56": "1234.56",
    "12,345,678": "12345678",
    "123.45-": "-123.45",
    "1e3": "1000",
    " 7 ": "7",
    "+5": "5",
    "": None,
    None: None,
}


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_a_number_is_read_exactly(text: str | None, number: str | None) -> None:
    value, problem = read("erp_invoice", "net_amount", text)
    assert (value, problem) == (None if number is None else Decimal(number), None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-inf", "two", "12,50", "1.2.3", "--1", "0x1F", "1_000", "1.00001", "1e15", "1 000"]
)
def test_what_is_no_amount_is_refused_with_the_text(text: str) -> None:
    _, problem = read("erp_invoice", "net_amount", text)
    assert problem is not None
    assert problem.startswith(f'"{text}" ')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "number"),
    [("1.234,56", "1234.56"), ("12,5", "12.5"), ("-1.000.000", "-1000000"), ("7", "7"), ("5,00-", "-5")],
)
def test_a_decimal_comma_is_read_where_it_is_declared(text: str, number: str) -> None:
    config = Column(source=("given",), decimal_comma=True)
    assert read("erp_invoice", "net_amount", text, config) == (Decimal(number), None)


@pytest.mark.django_db
def test_a_point_decimal_is_refused_where_a_comma_is_declared() -> None:
    _, problem = read("erp_invoice", "net_amount", "12.50", Column(source=("given",), decimal_comma=True))
    assert problem == '"12.50" is not a number'


@pytest.mark.django_db
def test_a_factor_turns_the_sign() -> None:
    assert read("erp_invoice", "net_amount", "5.5", Column(source=("given",), factor="-1")) == (Decimal("-5.5"), None)


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "number"), [("3", 3), ("3.000", 3), ("-2", -2)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert read("erp_order_line", "position", text) == (number, None)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["3.5", "2147483648", "x"])
def test_a_position_that_is_not_whole_or_too_large_is_refused(text: str) -> None:
    assert read("erp_order_line", "position", text)[1] is not None


DATES = {
    "2026-02-10": date(2026, 2, 10),
    "20260210": date(2026, 2, 10),
    "2026-02-10 23:30:00": date(2026, 2, 10),
    "2026-02-10T00:00:00Z": date(2026, 2, 10),
    "00000000": None,
    "0000-00-00": None,
    "0000-00-00 00:00:00": None,
    "": None,
}


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "day"), DATES.items())
def test_a_date_is_iso_unless_declared_otherwise(text: str, day: date | None) -> None:
    assert read("erp_invoice", "due_on", text) == (day, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["2026-02-30", "01/02/2026", "tomorrow", "infinity", "10.02.2026", "2026-2-1", "20261301"]
)
def test_what_is_no_iso_date_is_refused(text: str) -> None:
    assert "is not a date" in read("erp_invoice", "due_on", text)[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("formats", "text", "day"),
    [
        (("DD.MM.YYYY",), "1.2.2026", date(2026, 2, 1)),
        (("MM/DD/YYYY",), "02/01/2026", date(2026, 2, 1)),
        (("MM/DD/YYYY", "YYYY-MM-DD"), "2026-02-01", date(2026, 2, 1)),
        (("YYYYMMDD",), "20260201", date(2026, 2, 1)),
        (("YYYYMMDD",), "00000000", None),
        (("M/D/YYYY".replace("M/D", "MM/DD"),), "2/1/2026 0:00", date(2026, 2, 1)),
    ],
)
def test_declared_date_formats_are_read(formats: tuple[str, ...], text: str, day: date | None) -> None:
    assert read("erp_invoice", "due_on", text, Column(source=("given",), formats=formats)) == (day, None)


@pytest.mark.django_db
def test_an_instant_is_utc_unless_it_says_otherwise() -> None:
    expected = datetime(2026, 2, 10, 12, tzinfo=UTC)
    for text in ("2026-02-10T12:00:00.000+0000", "2026-02-10 12:00:00", "2026-02-10 13:00:00+01"):
        assert read("erp_invoice", "source_modified_at", text) == (expected, None)
    assert read("erp_invoice", "source_modified_at", "now")[1] is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("t", True), ("X", True), ("1", True), ("Yes", True), ("f", False), ("", False), ("0", False)],
)
def test_a_flag_is_read(text: str, value: bool) -> None:
    assert read("erp_customer", "blocked", text) == (value, None)


@pytest.mark.django_db
def test_a_flag_that_is_neither_is_refused_and_an_absent_one_takes_the_default() -> None:
    assert read("erp_customer", "blocked", "maybe")[1] == '"maybe" is neither yes nor no'
    assert read("sf_user", "is_active", None) == (True, None)


@pytest.mark.django_db
def test_a_text_is_kept_whole_or_cut_where_everybody_sees_it() -> None:
    assert read("erp_customer", "name", "N'A \\ O") == ("N'A \\ O", None)
    assert read("erp_customer", "name", None) == ("", None)
    assert read("erp_customer", "name", "ä" * 255) == ("ä" * 255, None)
    assert read("erp_customer", "name", "ä" * 256) == ("ä" * 254 + "…", None)
    assert read("erp_order_line", "text", "x" * 1_000_000) == ("x" * 499 + "…", None)
    assert read("sf_account", "name", "x" * 256)[1] == "is longer than 255 characters"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "value"), [("EUR", "EUR"), (" usd ", "USD"), ("DEM", "DEM"), ("", ""), (None, ""), ("UYW", "UYW")]
)
def test_a_currency_is_read_in_capitals(text: str | None, value: str) -> None:
    assert read("erp_invoice", "currency", text) == (value, None)


@pytest.mark.django_db
def test_a_document_in_a_currency_that_nobody_knows_is_refused_while_a_customer_may_name_one() -> None:
    expected = '"QQQ" is a currency that ISO 4217 does not know'
    for table in ("erp_order", "erp_invoice", "erp_open_item", "erp_payment", "erp_allocation"):
        assert read(table, "currency", "qqq") == (None, expected), table
    assert read("erp_invoice", "currency", "Euro")[1] == '"EURO" is a currency that ISO 4217 does not know'
    assert read("erp_customer", "currency", "qqq") == ("QQQ", None)
    assert read("erp_customer", "currency", "Euro")[1] == '"Euro" is no currency code'


@pytest.mark.django_db
def test_a_value_map_translates_and_refuses_what_it_lacks() -> None:
    config = Column(source=("given",), values={"C": "done", "A": "open"})
    assert read("erp_order", "status", "C ", config) == ("done", None)
    assert read("erp_order", "status", "", config) == ("open", None)
    assert read("erp_order", "status", "Z", config) == (None, 'the value "Z" is not in the value map')


@pytest.mark.django_db
def test_a_status_without_a_map_must_be_one_of_ours() -> None:
    assert read("erp_order", "status", "closed") == ("closed", None)
    assert read("erp_order", "status", "Shipped")[1].startswith('"Shipped" is none of quote, open')


@pytest.mark.django_db
def test_a_key_is_prefixed_stripped_and_joined() -> None:
    assert read("erp_invoice", "key", " 17 ") == ("main:17", None)
    assert read("erp_invoice", "key", "0000104233", Column(source=("given",), strip_zeros=True)) == (
        "main:104233",
        None,
    )
    assert read("erp_invoice", "key", "00A1", Column(source=("given",), strip_zeros=True)) == ("main:00A1", None)
    assert read("erp_invoice", "key", "9", Column(source=("given", "given"))) == ("main:9/9", None)
    assert read("erp_invoice", "key", "", Column(source=("given", "given")))[1] == "is empty"
    assert read("erp_invoice", "customer", "") == (None, None)


@pytest.mark.django_db
def test_a_salesforce_id_gets_its_three_check_characters() -> None:
    assert read("sf_account", "key", "001D000000IqhSL", source="salesforce") == ("001D000000IqhSLIAZ", None)
    assert read("sf_account", "key", "001D000000IqhSLIAZ", source="salesforce") == ("001D000000IqhSLIAZ", None)
    assert (
        read("sf_account", "key", "001-000000IqhSL", source="salesforce")[1]
        == '"001-000000IqhSL" is not a Salesforce id'
    )
    assert read("sf_account", "master_record", "", source="salesforce") == ("", None)


@pytest.mark.django_db
def test_several_columns_become_one_json_object() -> None:
    value, _ = read("sf_account", "custom_fields", "12.50", Column(source=("given",)), source="salesforce")
    assert (json.loads(value) if isinstance(value, str) else value) == {"given": "12.50"}


def test_a_missing_column_stops_with_a_sentence() -> None:
    stream = StreamConfig(name="s", target="erp_invoice", columns={"number": Column(source=("VBELN",))})
    with pytest.raises(SourceProblem, match='no longer delivers the column "VBELN"'):
        column_map("main", stream, target("erp_invoice"), ("key",))


def test_a_derived_column_cannot_be_mapped() -> None:
    stream = StreamConfig(name="s", target="erp_invoice", columns={"reporting_amount": Column(source=("key",))})
    with pytest.raises(SourceProblem, match="is computed by the product"):
        column_map("main", stream, target("erp_invoice"), ("key",))


QUOTED = Column(source=("given",), values={"it's": "a \\ b", "%s {}": 'c "d"'}, default="e'\\'f")


def test_an_expression_is_put_together_once() -> None:
    stream = StreamConfig(name="s", target="erp_product", columns={"key": Column(constant="1"), "name": QUOTED})
    made = column_map("main", stream, target("erp_product"), ("given",))
    assert {type(each.value) for each in made.columns} == {type(each) for each in made.used.values()} == {sql.SQL}


@pytest.mark.parametrize(("given", "found"), [("it's", "a \\ b"), ("%s {}", 'c "d"'), ("", "e'\\'f")])
@pytest.mark.django_db
def test_quotes_backslashes_and_percent_signs_of_hub_toml_reach_the_column_as_they_are(given: str, found: str) -> None:
    assert read("erp_product", "name", given, QUOTED) == (found, None)
