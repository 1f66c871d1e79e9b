"""Revenue by product category: the invoice lines of each, in the reporting currency, rounded so that they add up.

A line counts what it adds to its invoice's amount in the reporting currency. What an invoice has beyond its lines - an
amount that only its header states - is the rest "not by line", so that categories always add up to the revenue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from customers.calendar import Period
from customers.parts import held_by, parts_among
from customers.rhythm import usual_gap
from customers.statements import fetch, fetch_in_parts
from integration_hub.models import ErpInvoice

NO_PRODUCT, NOT_BY_LINE = "Without a product", "Not by line"
STOPPED_AFTER = 2
ZERO = Decimal(0)


@dataclass(frozen=True)
class CategoryFigures:
    """One category of some customers: revenue of the last 12 months and of the 12 before, the first and the last day
    of buying in them, and the usual number of days between days of buying (None: bought on fewer than three days).
    """

    category: str
    revenue_12m: Decimal
    revenue_prior_12m: Decimal
    first_on: date | None
    last_on: date | None
    usual_gap: int | None

    def stopped(self, as_of: date) -> bool:
        """Bought before, and nothing for more than twice the own usual gap. What names no product is not bought."""
        if self.category in (NO_PRODUCT, NOT_BY_LINE):
            return False
        if self.last_on is None or self.usual_gap is None:
            return False
        return (as_of - self.last_on).days > STOPPED_AFTER * self.usual_gap


@dataclass(frozen=True)
class CategoryLine:
    """An invoice line, or what the lines of an invoice leave; `net_amount` in `currency`, `counted` in the reporting
    currency.
    """

    invoice: str
    number: str
    day: date
    currency: str
    rate: Decimal | None
    text: str
    net_amount: Decimal | None
    counted: Decimal


@dataclass(frozen=True)
class CategoryLines:
    """Some of the lines of a category, and the number and the sum of all of them."""

    lines: tuple[CategoryLine, ...]
    count: int
    total: Decimal


def category_lines(keys: Sequence[str], period: Period, category: str, *, most: int, skipped: int = 0) -> CategoryLines:
    """The lines of one category in a period, newest first."""
    rows = _fetched(
        "category_lines",
        keys,
        start=period.start,
        end=period.end,
        category=category,
        no_product=NO_PRODUCT,
        not_by_line=NOT_BY_LINE,
        most=most,
        skipped=skipped,
    )
    lines = tuple(CategoryLine(*row[:8]) for row in rows)
    return CategoryLines(lines, rows[0][8] if rows else 0, rows[0][9] if rows else ZERO)


def figures_of_documents(keys: Sequence[str], this: Period, before: Period) -> tuple[CategoryFigures, ...]:
    """The figures of every category from the invoices themselves, without the rest that is not by line."""
    rows = _fetched("category_days", keys, start=before.start, end=this.end, no_product=NO_PRODUCT)
    figures = []
    for category, group in groupby(rows, key=lambda row: str(row[0])):
        days = list(group)
        bought = [day for _, day, _, is_bought in days if is_bought]
        figures.append(
            CategoryFigures(
                category=category,
                revenue_12m=sum((amount for _, day, amount, _ in days if day in this), ZERO),
                revenue_prior_12m=sum((amount for _, day, amount, _ in days if day in before), ZERO),
                first_on=min(bought, default=None),
                last_on=max(bought, default=None),
                usual_gap=usual_gap(bought),
            )
        )
    return tuple(figures)


def _fetched(name: str, keys: Sequence[str], **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement about invoice lines; of shared ERP customers the part that the keys mean."""
    parts = parts_among(keys)
    if not parts:
        return fetch(name, keys=list(keys), **parameters)
    days = {"revenue_on__range": (parameters["start"], parameters["end"])}
    taken = ErpInvoice.objects.live().filter(held_by(ErpInvoice, keys), **days).values_list("key", flat=True)
    divided = [part for part in parts if part.share is not None]
    return fetch_in_parts(
        name,
        keys=[str(key) for key in keys],
        taken=list(taken),
        part_keys=[str(part) for part in divided],
        parts_from=[str(part.part_from) for part in divided],
        parts_to=[str(part.part_to) for part in divided],
        **parameters,
    )
