"""What Salesforce computes on quotes and orders: numbers, a quote's account, which quote is synced, activation."""

from __future__ import annotations

from decimal import Decimal

from .fields import ObjectType, Record, Value
from .identifiers import BASE62
from .org import Org

DRAFT, ACTIVATED = "Draft", "Activated"


def number(sobject: ObjectType, record: Record) -> None:
    """Give a record without one its automatic number: that of its id, so that no two are alike."""
    for field in sobject:
        if field.auto_number and record.get(field.name) is None:
            record[field.name] = f"{_serial(str(record['Id'])):08d}"


def _serial(record_id: str) -> int:
    counted = 0
    for char in record_id[6:15]:
        counted = counted * 62 + BASE62.index(char)
    return counted % 100_000_000


def follow(org: Org, sobject: ObjectType, record: Record) -> None:
    """What a new quote or order takes from the records it names, and from its status."""
    if sobject.name == "Quote":
        deal = org.store.get("Opportunity", str(record.get("OpportunityId"))) or {}
        record["AccountId"] = record.get("AccountId") or deal.get("AccountId")
        _total(record, "TotalPrice")
        _total(record, "GrandTotal", record["TotalPrice"])
    if sobject.name == "Order":
        _total(record, "TotalAmount")
        activate(org, record)


def _total(record: Record, name: str, otherwise: Value = None) -> None:
    """There are no line items here, so that a total is what was stored, or nothing."""
    if record.get(name) is None:
        record[name] = Decimal(0) if otherwise is None else otherwise


def activate(org: Org, record: Record) -> None:
    """Bring category and day of activation in line with the status."""
    is_active = record.get("Status") == ACTIVATED
    record["StatusCode"] = ACTIVATED if is_active else DRAFT
    if is_active and record.get("ActivatedDate") is None:
        record["ActivatedDate"] = org.clock.stamp()
    elif not is_active:
        record["ActivatedDate"] = record["ActivatedById"] = None


def changed(org: Org, sobject: ObjectType, record: Record, values: Record) -> list[Record]:
    """What else an update changes: the synced quote gives the opportunity its amount, and the quotes say which it is.

    The quotes to store; the record itself is changed in place.
    """
    if sobject.name == "Order" and "Status" in values:
        activate(org, record)
    if sobject.name != "Opportunity" or "SyncedQuoteId" not in values:
        return []
    synced, moved = record["SyncedQuoteId"], []
    for quote in org.store.rows["Quote"].values():
        if quote.get("OpportunityId") != record["Id"] or quote.get("IsDeleted"):
            continue
        is_synced = quote["Id"] == synced
        if is_synced:
            record["Amount"] = quote["TotalPrice"]
        if bool(quote.get("IsSyncing")) != is_synced:
            moved.append({**quote, "IsSyncing": is_synced})
    return moved
