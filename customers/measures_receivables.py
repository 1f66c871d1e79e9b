"""Measures of what is owed: open and overdue amounts, aging, what can be done about each part, credits."""

from collections.abc import Callable
from datetime import date

from customers import counted
from customers import counted_receivables as receivables
from customers.aging import ALWAYS, BY_DUE_DATE
from customers.counted import Documents
from customers.measures_shape import Customers, Measure, Unit

AT_RATE = "An item in another currency counts at the rate of its invoice."
ALSO_WITHOUT_RATE = "Also those without a rate to the reporting currency, which are in no amount"


def _bucket(name: str) -> Measure:
    bucket = next(one for one in BY_DUE_DATE if one.name == name)
    first, last = bucket.first or 0, bucket.last or 0
    words = f"more than {first - 1} days" if last >= ALWAYS else f"{first} to {last} days"
    return Measure(
        name=name,
        label=bucket.label,
        unit=Unit.MONEY,
        kind="sum",
        definition=f"Open items {words} past their due date at the day.",
        document_kind="open_item",
        better="down",
        rows=lambda customers, as_of, _period: receivables.late_between(customers, as_of, first, last),
    )


def _part(name: str, label: str, definition: str, rows: Callable[[Customers, date], Documents]) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=Unit.MONEY,
        kind="sum",
        definition=definition,
        document_kind="open_item",
        better="down" if name.startswith(("overdue", "disputed")) else "",
        rows=lambda customers, as_of, _period: rows(customers, as_of),
    )


OPEN = (
    Measure(
        name="open_amount",
        label="Open amount",
        unit=Unit.MONEY,
        kind="sum",
        definition=f"What is still to be paid of items issued by the day, instalment by instalment, with tax. {AT_RATE}"
        " Credits stand beside.",
        document_kind="open_item",
        rows=lambda customers, as_of, _period: receivables.owed(customers, as_of),
    ),
    Measure(
        name="credits_amount",
        label="Open credits",
        unit=Unit.MONEY,
        kind="sum",
        definition="Credit notes and overpayments not yet set off at the day; negative. In no other figure.",
        document_kind="open_item",
        rows=lambda customers, as_of, _period: receivables.open_credits(customers, as_of),
    ),
    Measure(
        name="overdue_amount",
        label="Overdue",
        unit=Unit.MONEY,
        kind="sum",
        definition="Open items due before the day; an item due on the day itself is not overdue. Credits stand beside."
        " What has no rate to the reporting currency is among the rows and adds nothing.",
        counted_as="overdue_count",
        document_kind="open_item",
        better="down",
        rows=lambda customers, as_of, _period: receivables.overdue(customers, as_of),
    ),
    Measure(
        name="overdue_count",
        label="Overdue items",
        unit=Unit.COUNT,
        kind="count",
        definition=f"Number of open items due before the day; each instalment is one. {ALSO_WITHOUT_RATE}.",
        document_kind="open_item",
        better="down",
        rows=lambda customers, as_of, _period: counted.each_once(receivables.overdue(customers, as_of)),
    ),
    Measure(
        name="oldest_overdue_days",
        label="Oldest overdue",
        unit=Unit.DAYS,
        kind="max",
        definition=f"Days from the earliest due date among the overdue items to the day. {ALSO_WITHOUT_RATE}.",
        document_kind="open_item",
        better="down",
        rows=lambda customers, as_of, _period: receivables.by_days_late(receivables.overdue(customers, as_of)),
    ),
)

AGING = (
    Measure(
        name="aging_not_due",
        label="Not due",
        unit=Unit.MONEY,
        kind="sum",
        definition="Open items due on the day or later.",
        document_kind="open_item",
        rows=lambda customers, as_of, _period: receivables.not_due(customers, as_of),
    ),
    _bucket("aging_1_30"),
    _bucket("aging_31_60"),
    _bucket("aging_61_90"),
    _bucket("aging_over_90"),
    Measure(
        name="aging_no_due_date",
        label="No due date",
        unit=Unit.MONEY,
        kind="sum",
        definition="Open items to which nobody gave a due date: open, but never overdue.",
        document_kind="open_item",
        rows=lambda customers, as_of, _period: receivables.without_due_date(customers, as_of),
    ),
)

_LARGE = f"{receivables.LARGE_FROM:,} in the reporting currency"
# They add up to the open amount: every open item is in exactly one of them.
PARTS = (
    _part(
        "due_later_amount",
        "Due later",
        f"Undisputed open items due more than {receivables.DUE_SOON_DAYS} days after the day, or without a due date.",
        receivables.due_later,
    ),
    _part(
        "due_soon_amount",
        f"Due within {receivables.DUE_SOON_DAYS} days",
        f"Undisputed open items due on the day or in the {receivables.DUE_SOON_DAYS} days after it.",
        receivables.due_soon,
    ),
    _part(
        "disputed_amount",
        "Disputed",
        "Open items that the ERP marks as disputed, due or not. Those past their due date are also overdue.",
        receivables.disputed,
    ),
    _part(
        "overdue_small_amount",
        "Overdue, small items",
        f"Undisputed overdue items of less than {_LARGE} each.",
        receivables.overdue_small,
    ),
    _part(
        "overdue_large_amount",
        "Overdue, large items",
        f"Undisputed overdue items of {_LARGE} or more each.",
        receivables.overdue_large,
    ),
)
