"""How a figure comes about, written out with this customer's own numbers."""

from decimal import Decimal
from typing import Any

from customers import formats
from customers.measures import Measure, Unit, get_measure
from customers.pages.evidence import CONVERTED, Evidence
from customers.several_accounts import WHY, several_words

DIGITS = 6


def written(value: Any, unit: Unit, currency: str) -> str:
    """A figure to its last cent, or day, as it stands in a formula."""
    if value is None:
        return formats.UNKNOWN
    if unit is Unit.MONEY:
        return formats.money(value, currency, places=max(2, _places(value)))
    if unit is Unit.MONEY_DAYS:
        return f"{formats.money(value, currency)} × days"
    if unit is Unit.DATE:
        return formats.day(value)
    if unit is Unit.PARTS:
        return formats.quantity(value)
    return formats.days(value) if unit is Unit.DAYS else formats.number(value)


def sum_words(evidence: Evidence, currency: str) -> tuple[str, ...]:
    """The steps from documents to the figure, one sentence each."""
    measure, count = evidence.measure, formats.plural(evidence.count, "document")
    if not evidence.count:
        return ("No document counts, so there is nothing to add.",)
    total = written(evidence.total, measure.unit, currency)
    if measure.kind == "count":
        again = f"; of them {several_words(evidence.several)}, {WHY}" if evidence.several else ""
        return (f"{count}, each counts one{again}: {total}.",)
    if measure.unit is Unit.PARTS:
        again = "" if evidence.total == evidence.count else ", of one that a rule divides only the part"
        return (f"{count}, each counts one{again}: {total}.",)
    if measure.kind in {"min", "max"}:
        which = "smallest" if measure.kind == "min" else "largest"
        which = {"min": "earliest", "max": "latest"}[measure.kind] if measure.unit is Unit.DATE else which
        return (f"The {which} of {count}: {total}. The first row of the list decides.",)
    steps = []
    for part in evidence.conversions:
        counted = written(part.counted, measure.unit, currency)
        if part.is_own:
            steps.append(f"{formats.plural(part.count, 'document')} in {currency}: {counted}.")
        else:
            steps.append(
                f"{formats.plural(part.count, 'document')} in {part.currency}, each at its own rate and rounded "
                f"half up to the cent: {counted}."
            )
    if len(steps) > 1:
        parts = " + ".join(written(part.counted, measure.unit, currency) for part in evidence.conversions)
        steps.append(f"{parts} = {total}.")
    without = evidence.count - sum(part.count for part in evidence.conversions)
    if without and measure.unit in CONVERTED:
        verbs = "has no rate, amount or day and adds" if without == 1 else "have no rate, amount or day and add"
        steps.append(f"{formats.plural(without, 'document')} {verbs} nothing.")
    return tuple(steps)


def ratio_words(
    measure: Measure, numerator: Decimal | int, denominator: Decimal | int, currency: str
) -> tuple[str, ...]:
    """The division with its numbers, and the rounding."""
    above, below = get_measure(measure.numerator), get_measure(measure.denominator)
    upper, lower = written(numerator, above.unit, currency), written(denominator, below.unit, currency)
    rounded = measure.ratio(numerator, denominator)
    if rounded is None:
        return (f"{below.label} is {lower}, so there is nothing to divide by and the figure is unknown.",)
    times = f" × {measure.factor}" if measure.factor != 1 else ""
    exact = Decimal(numerator) * measure.factor / Decimal(denominator)
    shown = formats.half_up(exact, DIGITS)
    places = formats.plural(measure.places, "decimal")
    return (
        f"{upper} ÷ {lower}{times} = {formats.quantity(shown)}{'' if exact == shown else '…'}",
        f"Rounded half up to {places}, once at the end: {written(rounded, measure.unit, currency)}.",
    )


def _places(value: Any) -> int:
    """Decimals that an amount really has: sources may keep more than cents."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
