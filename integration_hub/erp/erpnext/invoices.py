"""Status, open items and allocations of ERPNext's sales invoices, from schedule and payment ledger.

The ledger's entries are exact and dated; the outstanding amounts of invoice and schedule are not always kept up.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from integration_hub.erp.settlement import ZERO, Instalment, Share, Step, settle, state_of

Record = dict[str, Any]
CENT = Decimal("0.01")
ROUNDING = Decimal("0.05")
"""What shares in percent may be off in all."""
INVOICE, PAYMENT = "Sales Invoice", "Payment Entry"


def gross_of(document: Record) -> str:
    """What is to be paid: the rounded total where the site rounds, else the grand total."""
    rounded = document.get("rounded_total")
    if rounded not in (None, "") and Decimal(str(rounded)):
        return str(rounded)
    return str(document.get("grand_total") or "0")


def add_settlement(
    documents: Sequence[Record], schedules: Sequence[Record], ledger: Sequence[Record]
) -> tuple[list[Record], list[Record]]:
    """Set "_status" of each invoice of a page; answers its open items and allocations as records."""
    of_invoice: dict[str, list[Record]] = defaultdict(list)
    for row in schedules:
        of_invoice[row["parent"]].append(row)
    entries: dict[str, list[Record]] = defaultdict(list)
    for entry in ledger:
        for name in {entry["against_voucher_no"], entry["voucher_no"]}:
            entries[name].append(entry)
    items: list[Record] = []
    allocations: list[Record] = []
    for document in documents:
        if str(document["docstatus"]) != "1":
            document["_status"] = "draft" if str(document["docstatus"]) == "0" else "cancelled"
            continue
        name = document["name"]
        parts, shares = _settled(document, of_invoice.get(name, ()), entries.get(name, ()))
        items += [_item(document, part) for part in parts]
        allocations += [_allocation(document, share) for share in shares]
    return items, allocations


def _settled(
    document: Record, schedule: Sequence[Record], entries: Sequence[Record]
) -> tuple[list[Instalment], list[Share]]:
    gross = Decimal(document["_gross"])
    sign = -1 if gross < 0 or str(document["is_return"]) == "1" else 1
    parts = _instalments(document, schedule, gross)
    steps = _steps(document, entries, gross, sign)
    shares = settle(parts, steps, sign)
    credited = sum((step.amount for step in steps if step.document), ZERO)
    document["_status"] = state_of(gross, sum((part.open for part in parts), ZERO), credited)
    return parts, shares


def _instalments(document: Record, schedule: Sequence[Record], gross: Decimal) -> list[Instalment]:
    """Those of the schedule, which leaves out what was paid in advance: that is one more, due with the invoice."""
    parts = [
        Instalment(row["name"], row["due_date"] or "", Decimal(str(row["payment_amount"] or 0))) for row in schedule
    ]
    rest = gross - sum((part.amount for part in parts), ZERO)
    if parts and abs(rest) <= ROUNDING:
        parts[-1].amount += rest
    elif parts and rest * gross > 0:
        parts.insert(0, Instalment(document["name"], document["posting_date"] or "", rest))
    else:
        parts = [Instalment(document["name"], document["due_date"] or document["posting_date"] or "", gross)]
    return parts


def _steps(document: Record, entries: Sequence[Record], gross: Decimal, sign: int) -> list[Step]:
    """What reduces the invoice, in its own currency: entries of others against it, and its own against others."""
    name = document["name"]
    own, found = ZERO, []
    for entry in entries:
        amount = Decimal(str(entry["amount_in_account_currency"] or 0))
        by, against = entry["voucher_no"], entry["against_voucher_no"]
        if by != name:
            found.append((entry, -amount, by))
            continue
        posting = amount * sign > 0
        if posting:
            own += amount
        if not posting:  # paid at once, at the point of sale
            found.append((entry, -amount, ""))
        elif against not in {name, "", None}:  # a credit note that is set against an invoice is settled by it
            found.append((entry, amount, against))
    found.sort(key=lambda each: (each[0]["posting_date"] or "", each[0]["name"]))
    # The account may be kept in the company's currency: then running sums are converted, so that the end is exact.
    foreign = any(entry["account_currency"] != document["currency"] for entry in entries)
    factor = gross / own if foreign and own else None
    steps: list[Step] = []
    running = Decimal(0)
    for entry, amount, other in found:
        before, running = running, running + amount
        part = amount if factor is None else _rounded(running * factor) - _rounded(before * factor)
        if part:
            steps.append(_step(document, entry, part, other))
    return steps


def _step(document: Record, entry: Record, amount: Decimal, other: str) -> Step:
    """An advance is older than its invoice: it settles from the invoice's day on."""
    of_type = entry["voucher_type"]
    return Step(
        entry["name"],
        max(entry["posting_date"] or "", document["posting_date"] or ""),
        amount,
        other if of_type == PAYMENT else "",
        other if of_type == INVOICE else "",
    )


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _item(document: Record, part: Instalment) -> Record:
    return {
        "name": part.key,
        "parent": document["name"],
        "due_date": part.due,
        "payment_amount": format(part.amount, "f"),
        "_open": format(part.open, "f"),
        **_common(document),
    }


def _allocation(document: Record, share: Share) -> Record:
    return {
        "name": share.key,
        "parent": document["name"],
        "_open_item": share.instalment,
        "_payment": share.step.payment,
        "_credit_note": share.step.document,
        "posting_date": share.step.day,
        "_amount": format(share.amount, "f"),
        **_common(document),
    }


def _common(document: Mapping[str, Any]) -> Record:
    return {
        "_customer": document["customer"],
        "_company": document["company"],
        "_currency": document["currency"],
        "_issued_on": document["posting_date"],
        "_modified": document["modified"],
    }
