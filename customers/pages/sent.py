"""What Salesforce last acknowledged of this account's figures, field by field."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet

from customers import formats
from integration_hub.config import hub
from integration_hub.models import PushedValue
from integration_hub.one_request import once
from integration_hub.prepared import prepared


@dataclass(frozen=True)
class SentField:
    """One field of the account: its label, the acknowledged value as people write it, and the last refusal in words."""

    label: str
    field: str
    value: str
    at: datetime
    error: str


@dataclass(frozen=True)
class Sent:
    """The card "Sent to Salesforce"; `at` is the newest acknowledgement, `failed` counts fields with a refusal."""

    fields: tuple[SentField, ...]
    at: datetime | None
    failed: int


def build_sent(account: str, hidden: frozenset[str] = frozenset()) -> Sent:
    """The acknowledged values of one account, in the order of the configuration; empty when nothing was sent yet.

    Fields that were filled with a hidden figure are left out.
    """
    stored = {value.field: value for value in pushed_values((account,))} if account else {}
    fields = tuple(
        SentField(
            label=field.label or field.field,
            field=field.field,
            value=as_written(stored[field.field].value),
            at=stored[field.field].acknowledged_at,
            error=stored[field.field].last_error,
        )
        for field in hub().push.fields
        if field.field in stored and field.measure not in hidden
    )
    return Sent(fields, max((field.at for field in fields), default=None), sum(1 for field in fields if field.error))


def pushed_values(accounts: tuple[str, ...]) -> list[Any]:
    """Account, field, value, acknowledged_at and last_error of what was sent; a page of one account reads them once."""
    return once(f"pushed values {accounts}", lambda: _pushed(accounts))


@prepared
def _pushed(accounts: tuple[str, ...]) -> "QuerySet[Any, Any]":
    columns = ("account", "field", "value", "acknowledged_at", "last_error")
    return PushedValue.objects.filter(account__in=accounts).values_list(*columns, named=True)


def as_written(value: str | None) -> str:
    """Exact text as people write it: amounts with separators, days in words, anything else as it is."""
    if value is None or value == "":
        return formats.UNKNOWN
    try:
        number = Decimal(value)
    except InvalidOperation:
        return _day(value)
    if not number.is_finite():
        return value
    return formats.number(int(number)) if number == number.to_integral() and "." not in value else formats.money(number)


def _day(value: str) -> str:
    try:
        return formats.day(date.fromisoformat(value))
    except ValueError:
        return value
