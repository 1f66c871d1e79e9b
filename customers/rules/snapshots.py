"""Earlier days whose figures were kept, for rules that compare a figure with its own past; none in another currency, of
another calendar or other companies.
"""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from customers.calendar import comparable_days, year_earlier
from customers.history import bring

# A day without figures (a holiday, a failed night) is stood in for by the last one before it, up to a week earlier.
NEAR = timedelta(days=7)


def day_back(as_of: date, count: int, unit: str) -> date:
    """The day so many days, weeks, months or years before; OverflowError before the year 1."""
    if unit == "years" and count == 1:
        return year_earlier(as_of)
    try:
        return as_of - relativedelta(**{unit: count})  # type: ignore[arg-type]
    except ValueError as problem:
        raise OverflowError(f"There is no day {count} {unit} before {as_of}.") from problem


def kept_day(wanted: date) -> date | None:
    """The day itself where its figures were kept, else the nearest of the week before; None where there is none."""
    days = comparable_days().filter(as_of__lte=wanted, as_of__gte=max(wanted, date.min + NEAR) - NEAR)
    found = days.order_by("-as_of").values_list("as_of", flat=True).first()
    if found is not None:
        bring(found)
    return found


def first_kept_day() -> date | None:
    """From when on figures are kept."""
    return comparable_days().order_by("as_of").values_list("as_of", flat=True).first()
