"""Single values and columns: what a profile may write, and what an OData service may send."""

from datetime import UTC, datetime
from typing import Any

import pytest

from integration_hub.erp.odata.columns import Made, Maker, Unknown
from integration_hub.erp.odata.metadata import Metadata, Property, parse
from integration_hub.erp.odata.values import divided, literal, reader, stamp
from integration_hub.sources import SourceProblem
from tests.erp.odata.described import facts, metadata


@pytest.mark.parametrize(
    ("kind", "day", "value", "text"),
    [
        ("Edm.DateTime", True, "/Date(1772323200000)/", "2026-03-01"),
        ("Edm.DateTime", False, "/Date(1772323200500)/", "2026-03-01T00:00:00.500000Z"),
        ("Edm.DateTimeOffset", False, "/Date(1772359200000+0120)/", "2026-03-01T10:00:00Z"),
        ("Edm.DateTime", True, "/Date(-86400000)/", "1969-12-31"),
        ("Edm.DateTimeOffset", False, "2026-03-01T10:00:00.123Z", "2026-03-01T10:00:00.123Z"),
        ("Edm.DateTimeOffset", False, "2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z"),
        ("Edm.DateTimeOffset", False, "0001-01-01T00:00:00Z", None),
        ("Edm.Date", True, "2026-03-01", "2026-03-01"),
        ("Edm.Date", True, "0001-01-01", None),
        ("Edm.Date", True, "yesterday", "yesterday"),
        ("Edm.DateTime", True, "/Date(99999999999999999999)/", "/Date(99999999999999999999)/"),
        ("Edm.Guid", False, "00000000-0000-0000-0000-000000000000", None),
        ("Edm.Boolean", False, False, "false"),
        ("Edm.Decimal", False, "1000", "1000"),
        ("Edm.String", False, "", None),
        ("Edm.String", False, {"__deferred": {}}, None),
        ("Edm.String", False, "_x0020_", "_x0020_"),
        ("NAV.status", False, "In_x0020_Review", "In Review"),
        ("NAV.status", False, "_x0020_", None),
    ],
)
def test_a_value_becomes_exact_text(kind: str, day: bool, value: Any, text: str | None) -> None:
    assert reader(Property("P", kind, day))(value) == text


@pytest.mark.parametrize(
    ("kind", "version", "written"),
    [
        ("Edm.String", "v2", "'O''Neill'"),
        ("Edm.Guid", "v2", "guid'O'Neill'"),
        ("Edm.Guid", "v4", "O'Neill"),
        ("Edm.Decimal", "v2", "O'NeillM"),
        ("NAV.status", "v4", "'O''Neill'"),
    ],
)
def test_a_value_in_a_filter_is_written_as_its_type_asks(kind: str, version: str, written: str) -> None:
    assert literal("O'Neill", Property("P", kind), version) == written


@pytest.mark.parametrize(
    ("kind", "day", "version", "written"),
    [
        ("Edm.DateTime", True, "v2", "datetime'2026-03-01T00:00:00'"),
        ("Edm.DateTime", False, "v2", "datetime'2026-03-01T10:20:30'"),
        ("Edm.DateTimeOffset", False, "v2", "datetimeoffset'2026-03-01T10:20:30Z'"),
        ("Edm.DateTimeOffset", False, "v4", "2026-03-01T10:20:30Z"),
        ("Edm.Date", True, "v4", "2026-03-01"),
    ],
)
def test_a_change_mark_is_never_later_than_what_is_asked_for(kind: str, day: bool, version: str, written: str) -> None:
    since = datetime(2026, 3, 1, 10, 20, 30, 999_999, tzinfo=UTC)
    assert stamp(since, Property("P", kind, day), version) == written


def test_a_quotient_is_exact_text_or_nothing() -> None:
    assert [divided("92.5", "100"), divided("1", "3"), divided("1", "0"), divided("x", "1"), divided(None, "1")] == [
        "0.925",
        "0.333333333333",
        None,
        None,
        None,
    ]


@pytest.fixture
def orders() -> Metadata:
    """The description of sales orders."""
    return parse(metadata(facts("s4hana")["API_SALES_ORDER_SRV"], "v2"), "SAP")


ROW = {
    "SalesOrder": "0000000017",
    "SoldToParty": "ABC1",
    "OverallSDProcessStatus": "C",
    "OverallSDDocumentRejectionSts": "",
    "TotalNetAmount": "100.00",
    "LastChangeDateTime": "/Date(1772359200000)/",
    "SalesOrderDate": "/Date(1772323200000)/",
    "to_Item": {"results": [{"SalesOrderItem": "000010", "NetAmount": "30"}, {"SalesOrderItem": "000020"}]},
}


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("SalesOrder", "0000000017"),
        ("SalesOrder#", "17"),
        ("SoldToParty#", "ABC1"),
        ("to_Item/SalesOrderItem#", "10"),
        ("OverallSDDocumentRejectionSts|none", "none"),
        ("max(LastChangeDateTime,SalesOrderDate)", "2026-03-01T10:00:00Z"),
        ("first(OverallSDDocumentRejectionSts,SoldToParty)", "ABC1"),
        ("first(NotOfThisRelease,SoldToParty)", "ABC1"),
        ("pick(OverallSDProcessStatus,A=open,C=done)", "done"),
        ("pick(OverallSDProcessStatus,A=open)", None),
        ("pick(OverallSDProcessStatus,A=open,*=other)", "other"),
        ("pick(OverallSDDocumentRejectionSts,=no,*=yes)", "no"),
        ("first(pick(OverallSDProcessStatus,A=x),pick(SoldToParty,*=y))", "y"),
        ("part(TotalNetAmount,TotalNetAmount)", "whole"),
        ("part(to_Item/NetAmount,TotalNetAmount)", "part"),
        ("part(OverallSDDocumentRejectionSts,TotalNetAmount)", "none"),
        ("when(OverallSDProcessStatus,C,TotalNetAmount)", "100.00"),
        ("when(OverallSDProcessStatus,A,TotalNetAmount)|0", "0"),
        ("ratio(TotalNetAmount,to_Item/NetAmount)", "3.333333333333"),
        ("rate(TotalNetAmount,OverallSDDocumentRejectionSts)", "100.00"),
        ("words(SoldToParty,OverallSDDocumentRejectionSts,OverallSDProcessStatus)", "ABC1 C"),
        ("$company", "1"),
        ("$option/company_currency", "EUR"),
        ("$option/other", None),
    ],
)
def test_a_column_is_made_as_the_profile_says(orders: Metadata, column: str, text: str | None) -> None:
    made = Maker(orders, orders.sets["A_SalesOrder"]).make(column, Made())
    assert made(ROW, {}, {"$company": "1", "$option/company_currency": "EUR"}) == text


@pytest.mark.parametrize("column", ["Nope", "to_Item/Nope", "to_Nope/X", "first(Nope,Neither)", "shout(SalesOrder)"])
def test_a_column_that_the_service_does_not_have_is_unknown(orders: Metadata, column: str) -> None:
    with pytest.raises(Unknown):
        Maker(orders, orders.sets["A_SalesOrder"]).make(column, Made())


def test_a_day_is_told_by_its_type_or_by_its_name(orders: Metadata) -> None:
    delivery = parse(metadata(facts("s4hana")["API_OUTBOUND_DELIVERY_SRV;v=0002"], "v2"), "SAP")
    assert delivery.sets["A_OutbDeliveryHeader"].properties["LastChangeDate"].day
    assert orders.sets["A_SalesOrder"].properties["SalesOrderDate"].day
    assert not orders.sets["A_SalesOrder"].properties["LastChangeDateTime"].day


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><edmx/>',
        '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        "<html><body>Sign in</body></html>",
        "<edmx:Edmx",
        "",
    ],
)
def test_a_description_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SourceProblem, match="cannot be read"):
        parse(text, "SAP")
