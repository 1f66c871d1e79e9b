"""What should stand in Salesforce: the current figures of every live account, as one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Expression, F, Field, Q, QuerySet, Value, When
from django.db.models.fields import CharField, DateField

from customers.calendar import current_day, is_behind
from customers.measures import Measure, Unit, get_measure
from customers.measures_text import DAY_MEASURES, TEXT_MEASURES
from customers.models import CustomerRollup
from integration_hub.config import PushField, hub
from integration_hub.prepared import prepared
from integration_hub.push.other_installations import MEASURE as INSTALLATION
from integration_hub.push.other_installations import mark
from integration_hub.push.wanted import FieldNeed, Kind, NothingToPush, WantedSet

# Not measures: they say what the amounts beside them mean.
AS_OF, CURRENCY = "as_of", "currency"
UNITS: Mapping[Unit, tuple[Kind, int]] = {
    Unit.MONEY: (Kind.MONEY, 2),
    Unit.COUNT: (Kind.NUMBER, 0),
    Unit.PARTS: (Kind.NUMBER, 2),
    Unit.DAYS: (Kind.NUMBER, 0),
    Unit.DATE: (Kind.DATE, 0),
    Unit.MONEY_DAYS: (Kind.NUMBER, 2),
    Unit.PERCENT: (Kind.NUMBER, 1),
}
# Figures that come from Salesforce itself, so that an account without ERP customer has them too.
FROM_SALESFORCE = frozenset({"opportunity"})


def wanted_values(fields: Sequence[PushField]) -> WantedSet:
    """The current day's values of these fields for every account that Salesforce still has. Raises NothingToPush
    before the first roll-up.
    """
    as_of = current_day()
    if as_of is None and is_behind():
        raise NothingToPush(
            "The currency, calendar or companies of hub.toml changed, and the figures are still those of before.",
            "Nothing was sent to Salesforce.",
            "Nothing to do: they are recomputed within minutes, and pushed then. At once: manage.py rollup",
        )
    if as_of is None:
        raise NothingToPush(
            "There are no figures yet, so there is nothing to push.",
            "Nothing was sent to Salesforce.",
            "Wait for the first sync, or run: manage.py rollup",
        )
    rollups = CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None, customer__account__isnull=False)
    query, parameters = _values(rollups, fields).query.sql_with_params()
    return WantedSet(as_of, query, parameters)


def current_values(accounts: Sequence[str], fields: Sequence[PushField], as_of: date) -> dict[str, dict[str, Any]]:
    """The exact value of each field of some accounts at a day, by account and API name; what a push would round."""
    rows = _current(tuple(accounts), _Fields(tuple(fields)), as_of)
    return {account: dict(zip((field.field for field in fields), values, strict=True)) for account, *values in rows}


@dataclass(frozen=True)
class _Fields:
    """Fields as one argument of a prepared query, which takes a tuple for keys."""

    fields: tuple[PushField, ...]


@prepared
def _current(accounts: tuple[str, ...], wanted: _Fields, as_of: date) -> "QuerySet[Any, Any]":
    rollups = CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None, customer__account__in=accounts)
    return _values(rollups, wanted.fields)


def need_of(measure: str) -> FieldNeed:
    """What a field needs for a measure, a text or day measure, "as_of", "currency" or "installation".

    KeyError for anything else.
    """
    if measure == AS_OF:
        return FieldNeed(Kind.DATE, names_day=True)
    if measure == INSTALLATION:
        return FieldNeed(Kind.TEXT, length=12)
    if measure == CURRENCY:
        return FieldNeed(Kind.TEXT, length=len(hub().company.reporting_currency), names_currency=True)
    if measure in DAY_MEASURES:
        return FieldNeed(Kind.DATE)
    if measure in TEXT_MEASURES:
        text = TEXT_MEASURES[measure]
        return FieldNeed(Kind.TEXT, length=text.length, values=text.values)
    declared = get_measure(measure)
    kind, decimals = UNITS[declared.unit]
    return FieldNeed(kind, declared.places if declared.kind == "ratio" else decimals)


def is_known(measure: str) -> bool:
    """Whether a field of hub.toml can name it."""
    try:
        need_of(measure)
    except KeyError:
        return False
    return True


def _values(
    rollups: QuerySet[CustomerRollup], fields: Sequence[PushField]
) -> QuerySet[CustomerRollup, tuple[object, ...]]:
    """The account, then one value per field."""
    names = {field.field: f"wanted_{place}" for place, field in enumerate(fields)}
    figures = {names[field.field]: _figure(field.measure) for field in fields if _is_measure(field.measure)}
    # An account without a single figure gets no day and no currency either.
    empty = Q(pk__isnull=False)
    for name in figures:
        empty &= Q(**{f"{name}__isnull": True})
    others = {names[field.field]: _mark(field.measure, empty) for field in fields if not _is_measure(field.measure)}
    return rollups.annotate(**figures).annotate(**others).values_list("customer__account", *names.values())


def _is_measure(measure: str) -> bool:
    return measure not in {AS_OF, CURRENCY, INSTALLATION, *TEXT_MEASURES, *DAY_MEASURES}


def _mark(measure: str, empty: Q) -> Expression:
    """A text or day measure, or what the amounts mean."""
    told = TEXT_MEASURES.get(measure) or DAY_MEASURES.get(measure)
    if told is not None:
        return told.expression()
    if measure == AS_OF:
        return _unless(empty, F("as_of"), DateField())
    text = mark() if measure == INSTALLATION else hub().company.reporting_currency
    return _unless(empty, Value(text), CharField())


def _figure(name: str) -> Expression:
    """The exact value, which the push rounds to its field's scale; null where it does not exist: nothing is owed by an
    account without ERP customer, not zero.
    """
    measure = get_measure(name)
    column = CustomerRollup._meta.get_field(measure.column)
    if not isinstance(column, Field):
        raise TypeError(f"{measure.column} is no column of the stored figures")
    missing = Q(customer__is_prospect=True)
    if _source(measure).document_kind in FROM_SALESFORCE:
        missing &= Q(won_count_12m=0)
    return _unless(missing, F(measure.column), column)


def _source(measure: Measure) -> Measure:
    return get_measure(measure.numerator) if measure.kind == "ratio" else measure


def _unless(missing: Q, value: F | Value, kind: "Field[Any, Any]") -> Expression:
    return Case(When(missing, then=Value(None)), default=value, output_field=kind)
