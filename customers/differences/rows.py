"""A difference as pages show it: both values side by side, who is right, and who corrects the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from customers import formats
from customers.differences.fields import label_of
from customers.differences.marking import Pieces, marked_pair
from customers.differences.shown import STATES, responsible, state_of
from customers.models import OF_A_PART, AccountLink, Difference
from integration_hub.config import hub
from integration_hub.models import ErpCustomer

SYSTEMS = {"erp": "ERP", "salesforce": "Salesforce"}
NOT_FILLED = "Not filled in"


@dataclass(frozen=True)
class Side:
    """One system's value in pieces, each with whether it differs; no pieces where nothing is filled in."""

    pieces: Pieces
    is_master: bool


@dataclass(frozen=True)
class DifferenceRow:
    """One line of the inbox. `correct_in` names the system that is to be corrected, `who` whoever does it; `shared`
    says that a rule shares the ERP customer over several accounts.
    """

    pk: int
    field: str
    label: str
    customer: int
    customer_name: str
    account: str
    number: str
    company: str
    shared: bool
    erp: Side
    salesforce: Side
    correct_in: str
    state: str
    state_label: str
    who: str
    in_person: bool
    since: date
    age: int
    times: int
    snoozed_until: date | None
    snooze_reason: str
    is_closed: bool


def build_rows(differences: Sequence[Difference], today: date) -> tuple[DifferenceRow, ...]:
    """The rows of differences whose customer and assignee are read already."""
    keys = {each.erp_customer for each in differences}
    masters = ErpCustomer.objects.filter(key__in=keys).select_related("company")
    numbers = {one.key: (one.number or one.key, _company(one)) for one in masters}
    who = responsible(differences)
    shared = set(AccountLink.objects.filter(OF_A_PART, erp_customer__in=keys).values_list("erp_customer", flat=True))
    rows = (_row(each, today, numbers.get(each.erp_customer, (each.erp_customer, "")), who) for each in differences)
    return tuple(replace(row, shared=each.erp_customer in shared) for row, each in zip(rows, differences, strict=True))


def sides_of(field: str, erp_value: str, salesforce_value: str, master: str) -> tuple[Side, Side]:
    """Both values as people read them, with the parts in which they differ."""
    erp, salesforce = marked_pair(_written(field, erp_value), _written(field, salesforce_value))
    return Side(erp, master == "erp"), Side(salesforce, master == "salesforce")


def _company(customer: ErpCustomer) -> str:
    return (customer.company.name or customer.company.code) if customer.company else ""


def _row(each: Difference, today: date, number: tuple[str, str], who: Mapping[int, str]) -> DifferenceRow:
    erp, salesforce = sides_of(each.field, each.erp_value, each.salesforce_value, each.master)
    state = state_of(each, today)
    since = each.opened_at.astimezone(ZoneInfo(hub().company.time_zone)).date()
    return DifferenceRow(
        pk=each.pk,
        field=each.field,
        label=label_of(each.field),
        customer=each.customer_id,
        customer_name=each.customer.name or "Without a name",
        account=each.account,
        number=number[0],
        company=number[1],
        shared=False,
        erp=erp,
        salesforce=salesforce,
        correct_in=SYSTEMS["salesforce" if each.master == "erp" else "erp"],
        state=state,
        state_label=STATES[state],
        who=who.get(each.pk, ""),
        in_person=each.assignee_id is not None,
        since=since,
        age=(today - since).days,
        times=each.times,
        snoozed_until=each.snoozed_until if state == "snoozed" else None,
        snooze_reason=each.snooze_reason if state == "snoozed" else "",
        is_closed=state == "closed",
    )


def _written(field: str, value: str) -> str:
    """An amount with its currency as people write it; every other value as it is."""
    amount, _, currency = value.partition(" ")
    if field != "credit_limit" or not amount.replace(".", "", 1).replace("-", "", 1).isdigit():
        return value
    return formats.money(Decimal(amount), currency)
