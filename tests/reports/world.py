"""A small world for report tests: customers with ready-made rollups."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from customers.models import Customer, CustomerRollup, RollupDay

DAY = date(2026, 2, 10)
NOW = datetime(2026, 2, 10, 6, 0, tzinfo=UTC)


def open_day(day: date = DAY) -> None:
    """Make the day the one that pages show."""
    RollupDay.objects.create(as_of=day, current=True, completed_at=NOW)


def add_customer(name: str, **figures: Any) -> CustomerRollup:
    """One customer with an account and its figures; average deal size follows from its parts."""
    number = Customer.objects.count() + 1
    customer = Customer.objects.create(
        name=name,
        account=f"001000000000{number:03d}AAA",
        erp_numbers=figures.pop("erp_numbers", f"{number:05d}"),
        owner=figures.pop("owner", ""),
    )
    won, count = figures.get("won_amount_12m"), figures.get("won_count_12m")
    if won and count:
        figures.setdefault("average_deal_size", Decimal(won) / count)
    return CustomerRollup.objects.create(customer=customer, as_of=DAY, computed_at=NOW, **figures)
