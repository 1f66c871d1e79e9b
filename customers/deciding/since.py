"""Rules that hold since a day before they were decided: whose an ERP customer was from then on, and its figures."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from customers.models import AccountLinkPeriod, LinkDecision
from customers.publishing import recompute_past
from customers.statements import run

COLUMNS = ("customer_id", "account", "part_from", "part_to", "places", "is_rest", "valid_from", "valid_to")


def hold_since(made: LinkDecision, as_of: date) -> None:
    """Let the links that a decision just made hold since its first day, and compute the stored days since then anew. In
    the transaction of the decision.
    """
    since = made.valid_from
    if since is None or since >= as_of:
        return
    before = [_told(period) for period in _periods(made) if period.valid_to is not None]
    concerned = _customers(made)
    run("link_period_since", erp_customer=made.erp_customer, since=since)
    LinkDecision.objects.filter(pk=made.pk).update(replaced={"until": as_of.isoformat(), "periods": before})
    recompute_past(since, as_of, sorted(concerned))


def hold_no_more(rows: Iterable[LinkDecision]) -> list[tuple[date, date, set[int]]]:
    """Bring back who had the ERP customers before decisions that are taken back, from their first day to the day they
    were taken; before the links are made anew. What is to be computed anew then: days from and until, and customers.
    """
    found = []
    for row in rows:
        if row.valid_from is None or row.replaced is None:
            continue
        until = date.fromisoformat(row.replaced["until"])
        concerned = _customers(row)
        _periods(row).filter(valid_to__lte=until).delete()
        # A period has at least a day; those that are left lasted beyond.
        _periods(row).exclude(valid_from__gte=until).update(valid_from=until)
        AccountLinkPeriod.objects.bulk_create(
            AccountLinkPeriod(erp_customer=row.erp_customer, **_read(told)) for told in row.replaced["periods"]
        )
        found.append((row.valid_from, until, concerned | _customers(row)))
    return found


def _periods(made: LinkDecision) -> "Any":
    return AccountLinkPeriod.objects.filter(erp_customer=made.erp_customer)


def _customers(made: LinkDecision) -> set[int]:
    return set(_periods(made).values_list("customer_id", flat=True))


def _told(period: AccountLinkPeriod) -> dict[str, Any]:
    values = {name: getattr(period, name) for name in COLUMNS}
    return {
        name: value if isinstance(value, list | bool | int | None) else str(value) for name, value in values.items()
    }


def _read(told: dict[str, Any]) -> dict[str, Any]:
    days = {name: date.fromisoformat(told[name]) if told[name] else None for name in ("valid_from", "valid_to")}
    return told | days
