"""What is open at a day, summed and counted by currency, bucket and part in one query, from the open items alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from customers.aging import BY_DOCUMENT_DATE, BY_DUE_DATE, NEVER, Bucket
from customers.counted import Documents
from customers.counted_receivables import DUE_SOON_DAYS, LARGE_FROM, items_at
from customers.known import mine, prepared_sql_for, with_keys
from customers.models import Customer
from customers.pages.scope import Scope
from customers.parts import in_parts
from integration_hub import planned
from integration_hub.one_request import once

COLUMNS = ("in_currency", "open_now", "counted", "days_late", "issued_on", "disputed", "key", "due_on")
LONGEST = 8
# The items come first and once: the open amount is a subquery, which every sum of it would run anew.
SUMMED = """
with item as materialized ({items})
select in_currency, open_now > 0, counted is not null, width_bucket(days_late, %s::int[]),
    width_bucket(%s::date - issued_on, %s::int[]),
    case
        when disputed then 'disputed_amount'
        when coalesce(days_late < -%s, true) then 'due_later_amount'
        when days_late <= 0 then 'due_soon_amount'
        when {whole} < %s then 'overdue_small_amount'
        else 'overdue_large_amount'
    end,
    coalesce(days_late > %s, false), count(*), sum(open_now), sum(counted),
    array(
        select key from item
        where (counted > 0 or counted is null and open_now > 0) and days_late > 0
        order by due_on, key limit %s
    )
from item
where open_now <> 0
group by 1, 2, 3, 4, 5, 6, 7
"""


@dataclass(frozen=True)
class OpenGroup:
    """Open items that are alike: `amount` in their currency, `counted` in the reporting currency (None: no rate)."""

    currency: str
    owed: bool
    converted: bool
    due: str
    age: str
    part: str
    unusual: bool
    count: int
    amount: Decimal
    counted: Decimal | None

    @property
    def overdue(self) -> bool:
        """Whether the items are past their due date."""
        return self.due not in {"aging_not_due", "aging_no_due_date"}


@dataclass(frozen=True)
class OpenTotals:
    """Every group of open items; sums and counts of any of them. `longest` are the keys of the first LONGEST overdue
    items, those due first, also without a rate.
    """

    groups: tuple[OpenGroup, ...]
    longest: tuple[str, ...] = ()

    def where(self, **wanted: object) -> "OpenTotals":
        """Only the groups of which each named attribute has that value."""
        return OpenTotals(
            tuple(one for one in self.groups if all(getattr(one, name) == value for name, value in wanted.items()))
        )

    @property
    def count(self) -> int:
        """Number of items."""
        return sum(group.count for group in self.groups)

    @property
    def amount(self) -> Decimal:
        """Sum in the items' own currency; only of groups of one currency."""
        if len({group.currency for group in self.groups}) > 1:
            raise ValueError("Amounts of different currencies do not add up.")
        return sum((group.amount for group in self.groups), Decimal(0))

    @property
    def counted(self) -> Decimal:
        """Sum in the reporting currency of what has a rate."""
        return sum((group.counted for group in self.groups if group.counted is not None), Decimal(0))

    @property
    def owed(self) -> "OpenTotals":
        """What the customers owe and what has a rate: the items of the open amount."""
        return self.where(owed=True, converted=True)


def in_currency(items: Documents) -> Documents:
    """The items with `in_currency`: their own, else that of their invoice."""
    own = Coalesce(NullIf("currency", Value("")), "invoice__currency", Value(""))
    annotated: Documents = items.annotate(in_currency=own)
    return annotated


@prepared_sql_for
def _items(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    whose = mine(customers)
    items = in_parts(items_at(customers, as_of), whose, columns=("counted", "open_now"))
    return in_currency(items).order_by().values_list(*COLUMNS, *(("whole",) if whose.is_divided else ()))


def open_totals(customers: QuerySet[Customer], as_of: date, *, usual_days_late: Decimal | int = 0) -> OpenTotals:
    """Everything open at a day; `unusual` are items later than so many days."""
    customers = with_keys(customers)
    items = _items(customers, as_of)
    if items is None:
        # No ERP customer is behind these customers, so there is nothing to ask for.
        return OpenTotals(())
    inner, given = items
    parameters: list[Any] = [
        _bounds(BY_DUE_DATE),
        as_of,
        _bounds(BY_DOCUMENT_DATE),
        DUE_SOON_DAYS,
        LARGE_FROM,
        Decimal(usual_days_late),
        LONGEST,
    ]
    rows = planned.fetch(
        SUMMED.format(items=inner, whole="whole" if mine(customers).is_divided else "counted"), [*given, *parameters]
    )
    return OpenTotals(tuple(_group(row[:-1]) for row in rows), tuple(rows[0][-1]) if rows else ())


def totals_of(scope: Scope) -> OpenTotals:
    """Everything open of a scope at the day of its figures; `unusual` are items later than it usually pays. Several
    cards of a page ask for it, which is read once.
    """
    figures = scope.figures
    usual = max(figures.days_late_paid or Decimal(0), Decimal(0))
    return once(
        f"open totals {scope.customer.pk} {scope.group} {figures.as_of}",
        lambda: open_totals(scope.customers, figures.as_of, usual_days_late=usual),
    )


def _bounds(buckets: tuple[Bucket, ...]) -> list[int]:
    """The first day of every bucket but the one without a lower bound."""
    return [bucket.first for bucket in buckets if bucket.first is not None and bucket.first > NEVER]


def _group(row: Sequence[Any]) -> OpenGroup:
    currency, owed, converted, due, age, *rest = row
    due_bucket = BY_DUE_DATE[-1 if due is None else due].name
    age_bucket = BY_DOCUMENT_DATE[-1 if age is None else age].name
    return OpenGroup(currency, owed, converted, due_bucket, age_bucket, *rest)
