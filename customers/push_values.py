"""What should stand in Salesforce: the current figures of every live account."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from customers.calendar import current_day
from customers.measures import Figure, Unit, get_measure
from customers.measures_text import TEXT_MEASURES
from customers.models import CustomerRollup
from integration_hub.config import PushField, hub
from integration_hub.push.wanted import FieldNeed, Kind, NothingToPush, WantedRow, WantedSet, WantedValue

# Not measures: they say what the amounts beside them mean.
AS_OF, CURRENCY = "as_of", "currency"
UNITS: Mapping[Unit, tuple[Kind, int]] = {
    Unit.MONEY: (Kind.MONEY, 2),
    Unit.COUNT: (Kind.NUMBER, 0),
    Unit.DAYS: (Kind.NUMBER, 0),
    Unit.DATE: (Kind.DATE, 0),
    Unit.MONEY_DAYS: (Kind.NUMBER, 2),
}
# Figures that come from Salesforce itself, so that an account without ERP customer has them too.
FROM_SALESFORCE = frozenset({"opportunity"})


def wanted_values(fields: Sequence[PushField]) -> WantedSet:
    """The current day's values of these fields for every account that Salesforce still has. Raises NothingToPush
    before the first roll-up.
    """
    as_of = current_day()
    if as_of is None:
        raise NothingToPush(
            "There are no figures yet, so there is nothing to push.",
            "Nothing was sent to Salesforce.",
            "Wait for the first sync, or run: manage.py rollup",
        )
    kinds = {field.field: need_of(field.measure).kind for field in fields}
    return WantedSet(as_of, _rows(fields, as_of), kinds)


def need_of(measure: str) -> FieldNeed:
    """What a field needs for a measure, a text measure, "as_of" or "currency". KeyError for anything else."""
    if measure == AS_OF:
        return FieldNeed(Kind.DATE)
    if measure == CURRENCY:
        return FieldNeed(Kind.TEXT, length=len(hub().company.reporting_currency), names_currency=True)
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


def _rows(fields: Sequence[PushField], as_of: date) -> Iterator[WantedRow]:
    rollups = CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None, customer__account__isnull=False)
    for rollup in rollups.select_related("customer").order_by("customer__account").iterator(chunk_size=2000):
        customer = rollup.customer
        yield WantedRow(str(customer.account), customer.name, _values(fields, rollup, is_prospect=customer.is_prospect))


def _values(fields: Sequence[PushField], rollup: CustomerRollup, *, is_prospect: bool) -> Mapping[str, WantedValue]:
    figures = {
        field.field: _figure(field.measure, rollup, is_prospect=is_prospect)
        for field in fields
        if field.measure not in {AS_OF, CURRENCY}
    }
    # An account without a single figure gets no day and no currency either.
    empty = all(figure is None for figure in figures.values())
    marks = {AS_OF: None if empty else rollup.as_of, CURRENCY: None if empty else hub().company.reporting_currency}
    return figures | {field.field: marks[field.measure] for field in fields if field.measure in marks}


def _figure(name: str, rollup: CustomerRollup, *, is_prospect: bool) -> Figure:
    """The exact value, which the push rounds to its field's scale; None where it does not exist: nothing is owed by an
    account without ERP customer, not zero.
    """
    measure = get_measure(name)
    source = get_measure(measure.numerator) if measure.kind == "ratio" else measure
    figure = measure.value(rollup)
    if is_prospect and (source.document_kind not in FROM_SALESFORCE or not rollup.won_count_12m):
        return None
    return figure
