"""What needs no org: SOQL literals, upload files, numbers as text, budgets, error bodies and result pages."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.salesforce import bulk_query, soql
from integration_hub.salesforce.chunk_reader import csv_records
from integration_hub.salesforce.csv_upload import upload_file
from integration_hub.salesforce.describe import FieldInfo
from integration_hub.salesforce.errors import (
    ConcurrentLimit,
    DailyLimitReached,
    OrgUnreachable,
    RequestRefused,
    SalesforceProblem,
    SessionLost,
    refusal,
)
from integration_hub.salesforce.limits import ApiUsage, check_budget, read_usage
from integration_hub.salesforce.result_page import Page
from integration_hub.salesforce.rows import text_of

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)


def field(kind: str, scale: int = 0) -> FieldInfo:
    return FieldInfo("X__c", "X", kind, 0, 18, scale, updateable=True, nillable=True, calculated=False)


def test_trap_17_value_lists_fit_and_hold_each_value_once() -> None:
    values = [f"Grüße 'n {place}" for place in range(1000)]
    lists = list(soql.in_lists([*values, *values], room=2000))
    assert all(len(quote(each)) <= 2100 for each in lists)
    assert sum(each.count("','") + 1 for each in lists) == 1000
    assert list(soql.in_lists([])) == []


def test_trap_24_an_instant_is_asked_for_in_utc() -> None:
    assert soql.instant(datetime(2026, 2, 10, 12, tzinfo=timezone(timedelta(hours=1)))) == "2026-02-10T11:00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        soql.instant(datetime(2026, 2, 10))


@given(st.lists(st.lists(TEXTS.map(lambda text: text.replace("\0", "")), min_size=2, max_size=2)), st.integers(1, 7))
def test_csv_is_read_the_same_in_pieces_of_any_size(rows: list[list[str]], size: int) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    data = written.getvalue().encode()
    assert list(csv_records(data[start : start + size] for start in range(0, len(data), size))) == rows


def test_an_upload_is_utf_8_with_lf_and_says_null_and_true_as_salesforce_does() -> None:
    row = {
        "Id": "001", "A": None, "B": True, "C": Decimal("1E+3"), "D": date(2026, 2, 10), "E": "Müller\r\nGmbH",
        "F": datetime(2026, 2, 10, 12, tzinfo=UTC), "G": "", "H": 'a,"b"',
    }  # fmt: skip
    with upload_file(("Id", *"ABCDEFGHI"), [row]) as body:
        assert body.read() == (
            b"Id,A,B,C,D,E,F,G,H,I\n"
            + '001,#N/A,true,1000,2026-02-10,Müller GmbH,2026-02-10T12:00:00.000Z,#N/A,"a,""b""",\n'.encode()
        )


def test_an_upload_larger_than_a_job_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration_hub.salesforce.csv_upload.LARGEST_UPLOAD", 100)
    with pytest.raises(SalesforceProblem, match="Nothing was sent"):
        upload_file(("Id", "A"), [{"Id": "001", "A": "x" * 100}])


@pytest.mark.parametrize(
    ("value", "kind", "scale", "text"),
    [
        (Decimal("1.23456789E7"), "currency", 2, "12345678.90"),
        ("1.23456789E7", "double", 1, "12345678.9"),
        (Decimal("0.30000000000000004"), "currency", 2, "0.30"),
        (Decimal("2.675"), "currency", 2, "2.68"),
        (Decimal("-0.001"), "currency", 2, "0.00"),
        (Decimal("12.5"), "percent", 1, "12.5"),
        ("no number", "double", 2, "no number"),
        (5, "int", 0, "5"),
        (Decimal("5.0"), "int", 0, "5"),
        (True, "boolean", 0, "true"),
        (False, "boolean", 0, "false"),
        (None, "string", 0, ""),
        ("2026-02-10T12:00:00.000+0000", "datetime", 0, "2026-02-10T12:00:00.000Z"),
        ("2026-02-10", "date", 0, "2026-02-10"),
        ("NA", "string", 0, "NA"),
        ("+0000", "string", 0, "+0000"),
    ],
)
def test_trap_25_a_value_has_one_text(value: object, kind: str, scale: int, text: str) -> None:
    assert text_of(value, field(kind, scale)) == text


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_trap_25_a_double_of_any_amount_is_that_amount_to_the_cent(amount: Decimal) -> None:
    assert Decimal(text_of(repr(float(amount)), field("currency", 2))) == amount


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=18/5000", ApiUsage(18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=x)", ApiUsage(25, 5000)),
        ("per-app-api-usage=17/250(appName=x)", None),
        ("nonsense", None),
        (None, None),
    ],
)
def test_trap_9_the_usage_header_is_read(header: str | None, usage: ApiUsage | None) -> None:
    assert read_usage(header) == usage


def test_trap_9_the_budget_ends_at_the_share_and_an_unknown_one_does_not_end() -> None:
    check_budget(ApiUsage(), 0.8)
    check_budget(ApiUsage(799, 1000), 0.8)
    with pytest.raises(DailyLimitReached):
        check_budget(ApiUsage(800, 1000), 0.8)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, [{"errorCode": "INVALID_SESSION_ID", "message": "expired"}], SessionLost),
        (401, "<html>", SessionLost),
        (401, {"error": "invalid_session"}, SessionLost),
        (400, [{"errorCode": "INVALID_SESSION_ID", "message": "expired"}], SessionLost),
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}], DailyLimitReached),
        (
            403,
            [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentPerOrgLongTxn Limit exceeded."}],
            ConcurrentLimit,
        ),
        (400, [{"errorCode": "LIMIT_EXCEEDED", "message": "daily bulk limit"}], DailyLimitReached),
        (503, "<html>", OrgUnreachable),
        (420, "", OrgUnreachable),
        (500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}], OrgUnreachable),
        (404, [], RequestRefused),
        (400, [{"message": "no code"}], RequestRefused),
        (400, [7], RequestRefused),
        (302, "", RequestRefused),
    ],
)
def test_trap_3_every_error_body_becomes_a_problem_in_words(status: int, body: object, kind: type[Exception]) -> None:
    problem = refusal(status, body)
    assert type(problem) is kind
    if isinstance(problem, SalesforceProblem):
        assert problem.problem
        assert problem.meaning
        assert problem.remedy


@pytest.mark.parametrize(
    ("status", "code"),
    [(409, "API_VERSION_MISMATCH"), (410, "UNSUPPORTED_API_VERSION"), (414, "URI_TOO_LONG"), (404, "HTTP_404")],
)
def test_trap_31_a_status_without_code_gets_one(status: int, code: str) -> None:
    problem = refusal(status, "")
    assert isinstance(problem, RequestRefused)
    assert problem.code == code


def test_trap_30_columns_of_a_later_page_are_put_in_the_order_of_the_first() -> None:
    page = Page(("Name", "Id"), 2, io.BytesIO(b'"A, ""x""","1"\n"B\nC","2"\n'), {})
    assert b"".join(bulk_query._reordered(page, ("Id", "Name"))) == b'"1","A, ""x"""\n"2","B\nC"\n'


def test_trap_30_other_columns_on_a_later_page_are_an_error() -> None:
    page = Page(("Name", "Other"), 1, io.BytesIO(b'"A","1"\n'), {})
    with pytest.raises(SalesforceProblem, match="different columns"):
        list(bulk_query._reordered(page, ("Id", "Name")))
