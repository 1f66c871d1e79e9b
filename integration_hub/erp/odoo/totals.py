"""Counts and sums as Odoo computes them, grouped by company, currency and month: read_group, from 19 formatted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from integration_hub.erp.odoo.errors import odd_answer
from integration_hub.erp.odoo.kinds import Kind
from integration_hub.erp.odoo.reader import Reader, Record
from integration_hub.erp.odoo.values import exact, reference
from integration_hub.sources import Totals

GROUPED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "erp_invoice": (
        "invoice_date",
        {"net_amount": "amount_untaxed", "tax_amount": "amount_tax", "gross_amount": "amount_total"},
    ),
    "erp_order": ("date_order", {"net_amount": "amount_untaxed", "gross_amount": "amount_total"}),
    "erp_payment": ("date", {"amount": "amount"}),
}
"""Target table -> the date that says the month, and target columns with the fields they sum."""
SIGN: Mapping[str, tuple[str, str]] = {
    "erp_invoice": ("move_type", "out_refund"),
    "erp_payment": ("payment_type", "outbound"),
}
"""Target table -> the field and its value that make amounts count negative."""
FORMATTED_FROM = 19


def totals_of(kind: Kind) -> Totals:
    """Rows, sums per target column and currency, and the same per company, currency and, where dates allow, month."""
    domain = [*kind.domain(), *kind.live()]
    target = kind.stream.target
    if target not in GROUPED:
        count = kind.reader.ask(kind.model, "search_count", domain=domain)
        if not isinstance(count, str) or not count.isdigit():
            raise odd_answer(kind.reader.odoo.source, kind.model, "no count in it")
        return Totals(int(count))
    day, sums = GROUPED[target]
    by = ["company_id", "currency_id", *([SIGN[target][0]] if target in SIGN else [])]
    # Only a date has the same month everywhere: an instant's depends on the company's time zone.
    monthly = kind.reader.fields(kind.model).get(day) == "date"
    found = groups_of(
        kind.reader, kind.model, domain, [*by, *([f"{day}:month"] if monthly else [])], list(sums.values())
    )
    rows, total = 0, {column: dict[str, Decimal]() for column in sums}
    groups: dict[tuple[str, str, str], tuple[int, dict[str, Decimal]]] = {}
    for each in found:
        code, places = kind.reader.currency(each["currency_id"]), kind.reader.places(each["currency_id"])
        sign = -1 if target in SIGN and each[SIGN[target][0]] == SIGN[target][1] else 1
        key = (reference(each["company_id"]) or "", _month(each, f"{day}:month") if monthly else "", code)
        count, held = groups.get(key, (0, {}))
        rows += int(each["__count"])
        for column, name in sums.items():
            amount = sign * Decimal(exact(each[name], places) or 0)
            total[column][code] = total[column].get(code, Decimal(0)) + amount
            held[column] = held.get(column, Decimal(0)) + amount
        groups[key] = (count + int(each["__count"]), held)
    return Totals(rows, total, groups)


def groups_of(reader: Reader, model: str, domain: list[Any], by: Sequence[str], sums: Sequence[str]) -> list[Record]:
    """Groups with the sums under their fields' names, as both ways say them."""
    if reader.odoo.major >= FORMATTED_FROM:
        wanted = ["__count", *(f"{name}:sum" for name in sums)]
        found = reader.ask(model, "formatted_read_group", domain=domain, groupby=list(by), aggregates=wanted)
        _refuse_other(reader, model, found)
        return [{**each, **{name: each[f"{name}:sum"] for name in sums}} for each in found]
    wanted = [f"{name}:sum" for name in sums]
    found = reader.ask(model, "read_group", domain=domain, fields=wanted, groupby=list(by), lazy=False)
    _refuse_other(reader, model, found)
    return list(found)


def _refuse_other(reader: Reader, model: str, found: Any) -> None:
    if not isinstance(found, list) or not all(isinstance(each, dict) and "__count" in each for each in found):
        raise odd_answer(reader.odoo.source, model, "no groups in it")


def _month(group: Record, name: str) -> str:
    """ "2026-02" of a group; empty for records without the date. The label is in the user's language: not read."""
    if isinstance(group.get("__range"), dict):
        limits = group["__range"].get(name) or {}
        return str(limits.get("from", ""))[:7]
    value = group[name]
    return str(value[0])[:7] if isinstance(value, list) else ""
