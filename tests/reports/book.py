"""A book of random customers for report tests: ties, zeros, negative amounts and unknown figures on purpose."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from customers.models import Customer, CustomerCategory, CustomerMonth, CustomerRollup, RollupDay
from tests.reports.world import DAY, NOW

AMOUNTS = tuple(map(Decimal, ("0", "0", "-50.25", "100", "100", "250.10", "999.99", "1000", "40000", "1000000.01")))
SIZES = (0, 1, 2, 30)
MONEY = (
    *("revenue_ytd", "revenue_ytd_prior", "revenue_last_year", "revenue_year_before_last", "revenue_12m"),
    *("revenue_prior_12m", "order_intake", "order_intake_12m", "open_orders_amount", "late_orders_amount"),
    *("delivered_not_invoiced", "open_amount", "overdue_amount", "aging_not_due", "aging_1_30", "aging_31_60"),
    *("aging_61_90", "aging_over_90", "aging_no_due_date", "paid_amount_12m", "won_amount_12m"),
)
COUNTS = (
    *("late_orders_count", "late_lines_count", "shipped_late_count", "delivered_orders_12m", "open_orders_count"),
    *("overdue_count", "order_count", "order_count_12m", "won_count_12m"),
)
PAST = (date(2025, 11, 29), date(2025, 11, 30), date(2025, 12, 31))


@dataclass
class Book:
    """What was stored: figures by name for each customer, the same of past days, months and product groups."""

    customers: list[dict[str, Any]] = field(default_factory=list)
    past: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    months: list[dict[str, Any]] = field(default_factory=list)
    categories: list[dict[str, Any]] = field(default_factory=list)

    def named(self, name: str) -> dict[str, Any]:
        """The figures of a customer."""
        return next(each for each in self.customers if each["name"] == name)


def write_book(size: int, seed: int) -> Book:
    """Store a book of so many customers."""
    chance, book = Random(seed), Book()  # noqa: S311 - test data
    owned = [
        Customer.objects.create(name=f"Customer {number:02d}", account=f"001000000000{number:03d}AAA", erp_numbers="1")
        for number in range(size)
    ]
    for day in (*PAST, DAY):
        RollupDay.objects.create(as_of=day, current=day == DAY, completed_at=NOW)
        figures = [_figures(chance, day) for _ in owned]
        CustomerRollup.objects.bulk_create(
            CustomerRollup(customer=customer, as_of=day, computed_at=NOW, **each)
            for customer, each in zip(owned, figures, strict=True)
        )
        named = [
            {"name": customer.name, "pk": customer.pk, **each} for customer, each in zip(owned, figures, strict=True)
        ]
        if day == DAY:
            book.customers = named
        else:
            book.past[day] = named
    for customer in owned:
        book.months += _months(chance, customer)
        book.categories += _categories(chance, customer)
    CustomerMonth.objects.bulk_create(CustomerMonth(**each) for each in book.months)
    CustomerCategory.objects.bulk_create(CustomerCategory(**each) for each in book.categories)
    return book


def _figures(chance: Random, day: date) -> dict[str, Any]:
    figures: dict[str, Any] = {name: chance.choice(AMOUNTS) for name in MONEY}
    figures |= {name: chance.choice((0, 0, 1, 7)) for name in COUNTS}
    last = chance.choice((None, day, day - timedelta(365), day - timedelta(366), day - timedelta(40)))
    won = figures["won_count_12m"]
    return figures | {
        "last_order_on": last,
        "first_order_on": last and date(chance.choice((2022, 2024, last.year)), 1, 31),
        "quiet_since": chance.choice((None, day, day + timedelta(1))),
        "days_late_paid": chance.choice((None, Decimal("-3.5"), Decimal(0), Decimal(1), Decimal("29.9"), Decimal(30))),
        "average_deal_size": figures["won_amount_12m"] / won if won else None,
    }


def _months(chance: Random, customer: Customer) -> list[dict[str, Any]]:
    found = sorted(chance.sample([date(year, month, 1) for year in range(2022, 2027) for month in (1, 2, 12)], 8))
    return [
        {
            "customer": customer,
            "month": month,
            "revenue": chance.choice(AMOUNTS),
            "order_count": chance.choice((0, 1, 3)),
        }
        for month in found
    ]


def _categories(chance: Random, customer: Customer) -> list[dict[str, Any]]:
    names = chance.sample(["Seals", "Pumps", "Gears", "Without a product"], 2)
    return [
        {
            "customer": customer,
            "category": name,
            "revenue_12m": chance.choice(AMOUNTS),
            "revenue_prior_12m": chance.choice(AMOUNTS),
        }
        for name in names
    ]
