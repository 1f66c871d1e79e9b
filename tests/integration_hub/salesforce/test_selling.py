"""Quotes and Salesforce orders: mirrored where the org has them, and calmly told where it has not."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.models import Run, RunKind, RunStatus, SfOrder, SfQuote, StreamRun
from integration_hub.optional_objects import Reading, object_states
from integration_hub.reconcile import reconcile
from tests.practice_org import PracticeOrg

Sync = Callable[..., Run]


@pytest.fixture
def sold(practice_org: PracticeOrg, company: dict[str, str]) -> dict[str, str]:
    """A synced quote of the won opportunity, and its order; ids by name."""
    (quote,) = practice_org.seed(
        "Quote",
        {"Name": "Version 1", "OpportunityId": company["won"], "QuoteNumber": "00000071", "Status": "Accepted",
         "TotalPrice": 33333333.33, "GrandTotal": 39666666.66, "IsSyncing": True, "ExpirationDate": "2026-02-28"},
    )  # fmt: skip
    (order,) = practice_org.seed(
        "Order",
        {"AccountId": company["champion"], "OpportunityId": company["won"], "QuoteId": quote, "Status": "Activated",
         "EffectiveDate": "2026-02-02", "TotalAmount": 0.1, "PoNumber": "PO 7", "OrderReferenceNumber": "SO-1",
         "OrderNumber": "00000501"},
    )  # fmt: skip
    return {"quote": quote, "order": order}


def words(name: str) -> str:
    runs = StreamRun.objects.filter(stream=f"salesforce.{name}", run_ref__kind=RunKind.SYNC)
    return runs.latest("pk").note


def readings() -> dict[str, Reading]:
    return {name: state.reading for name, state in object_states("Quote", "Order").items()}


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_quotes_and_orders_arrive_and_follow_deletions_and_merges(
    sync: Sync, company: dict[str, str], sold: dict[str, str], practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    score = {"name": "Erp__c", "type": "string", "length": 40}
    for sobject in ("Quote", "Order"):
        practice_org.admin("fields", {"sobject": sobject, "fields": [score]})
    practice_org.seed("Order", {"Id": sold["order"], "Erp__c": "A; B"})
    assert readings() == {"Quote": Reading.NEVER, "Order": Reading.NEVER}
    fields = {"quote_fields": ["Erp__c"], "order_fields": ["Erp__c"]}
    run = sync(bulk_from_rows=bulk_from_rows, **fields)
    assert run.status == RunStatus.SUCCEEDED
    quote, order = SfQuote.objects.get(), SfOrder.objects.get()
    assert (quote.key, quote.account_id, quote.opportunity_id) == (sold["quote"], company["champion"], company["won"])
    assert (quote.number, quote.net_amount, quote.is_syncing) == ("00000071", Decimal("33333333.33"), True)
    assert (quote.currency, quote.status, str(quote.expires_on)) == ("EUR", "Accepted", "2026-02-28")
    assert (order.quote_id, order.net_amount, order.po_number) == (sold["quote"], Decimal("0.10"), "PO 7")
    assert (order.reference, order.number, order.is_activated) == ("SO-1", "00000501", True)
    assert order.custom_fields == {"Erp__c": "A; B"}
    assert {each.stream: each.detail for each in reconcile(run) if not each.agrees} == {}
    assert readings() == {"Quote": Reading.READ, "Order": Reading.READ}
    practice_org.admin("merge", {"sobject": "Account", "winner": company["quiet"], "loser": company["champion"]})
    practice_org.admin("delete", {"sobject": "Opportunity", "ids": [company["won"]]})
    sync(bulk_from_rows=bulk_from_rows, **fields)
    assert SfQuote.objects.get().deleted_at is not None
    assert SfOrder.objects.get().account_id == company["quiet"]
    practice_org.admin("undelete", {"sobject": "Opportunity", "ids": [company["won"]]})
    sync(bulk_from_rows=bulk_from_rows, **fields)
    assert SfQuote.objects.get().deleted_at is None


def test_a_record_has_its_own_currency_where_the_org_has_several(
    sync: Sync, sold: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.admin("features", {"currencies": ["EUR", "USD"]})
    practice_org.seed("Order", {"Id": sold["order"], "CurrencyIsoCode": "USD"})
    sync()
    assert (SfOrder.objects.get().currency, SfQuote.objects.get().currency) == ("USD", "EUR")


def test_an_org_without_quotes_and_orders_is_no_error_and_says_what_to_do(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.admin("features", {"quotes_off": True, "orders_off": True})
    for kind in (RunKind.SYNC, RunKind.FORMULAS, RunKind.SWEEP):
        run = sync(full=True, kind=kind, quote_fields=["Erp__c"])
        assert run.status == RunStatus.SUCCEEDED, (kind, run.problem)
        assert {each.stream: each.detail for each in reconcile(run) if not each.agrees} == {}
    assert "Quotes are switched off in this org, or hidden" in words("Quote")
    assert "give the user read access" in words("Order")
    states = object_states("Quote", "Order")
    assert readings() == {"Quote": Reading.ABSENT, "Order": Reading.ABSENT}
    assert "give the user read access" in states["Quote"].words


def _hide(practice_org: PracticeOrg, *, readable: bool) -> None:
    access: dict[str, Any] = {"sobject": "Order", "field": "TotalAmount", "readable": readable, "editable": False}
    practice_org.admin("field_access", access)


@pytest.mark.parametrize("how", ["object", "field"])
def test_what_can_no_longer_be_seen_stays_as_it_was_until_it_is_back(
    sync: Sync, sold: dict[str, str], practice_org: PracticeOrg, how: str
) -> None:
    sync()
    if how == "object":
        practice_org.admin("features", {"orders_off": True})
    else:
        _hide(practice_org, readable=False)
    for kind in (RunKind.SYNC, RunKind.SYNC, RunKind.SWEEP):
        assert sync(full=kind == RunKind.SYNC, kind=kind).status == RunStatus.SUCCEEDED
    assert ("TotalAmount is hidden" in words("Order")) is (how == "field")
    assert readings()["Order"] == Reading.ABSENT
    order = SfOrder.objects.get()
    assert (order.deleted_at, order.net_amount) == (None, Decimal("0.10"))
    practice_org.admin("features", {"orders_off": False})
    _hide(practice_org, readable=True)
    practice_org.seed("Order", {"Id": sold["order"], "TotalAmount": 7})
    sync()
    assert (readings()["Order"], SfOrder.objects.get().net_amount) == (Reading.READ, Decimal(7))
