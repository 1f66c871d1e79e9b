"""Customers with random figures at two days, and random rules over them; a small range of values makes ties likely."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from customers.models import Customer, CustomerRollup, RollupDay
from integration_hub.models import DescribedField, SfAccount

AS_OF, EARLIER = date(2026, 11, 23), date(2025, 11, 22)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
MONEY = ("revenue_ytd", "revenue_ytd_prior", "revenue_12m", "revenue_prior_12m", "overdue_amount", "average_deal_size")
COUNTS = ("order_count", "overdue_count", "oldest_overdue_days")
SHARES = ("otif", "otif_prior", "days_to_pay")
DAYS = ("last_order_on", "first_order_on")
PLACES = ("NL", "nl", "DE", "Österreich", "ÖSTERREICH", "100% Ltd", "a_b", "axb", "")
FIELDS = {"Risk__c": "string", "Score__c": "double", "Seen__c": "date", "Checked__c": "boolean"}
NULLABLE = {"average_deal_size", "oldest_overdue_days", *SHARES, *DAYS}


class Company:
    """Builds the rows, and keeps each customer's values by field, as a reader of the database would note them."""

    def __init__(self, seed: int, size: int = 60) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - the same company every time is the point
        self.now: dict[int, dict[str, Any]] = {}
        self.earlier: dict[int, dict[str, Any]] = {}
        for day, current in ((AS_OF, True), (EARLIER, False)):
            RollupDay.objects.create(as_of=day, current=current, completed_at=NOW)
        for name, type_ in FIELDS.items():
            DescribedField.objects.create(sobject="Account", name=name, label=name.rstrip("_c"), type=type_)
        for number in range(size):
            self._customer(number)

    def _customer(self, number: int) -> None:
        rng = self.rng
        place, linked = rng.choice(PLACES), rng.random() < 0.8
        fields = self._account(f"001{number:015d}") if linked else {}
        customer = Customer.objects.create(
            name=f"Customer {number}",
            account=f"001{number:015d}" if linked else None,
            erp_customer=None if linked else f"erp:{number}",
            city=place,
            owner=rng.choice(("005A", "005B", "")) if linked else "",
            is_prospect=linked and rng.random() < 0.2,
        )
        figures = self._figures()
        CustomerRollup.objects.create(customer=customer, as_of=AS_OF, computed_at=NOW, **figures)
        self.now[customer.pk] = {
            **figures,
            "city": place,
            "owner": customer.owner,
            "is_prospect": customer.is_prospect,
            "has_account": linked,
            "account.Risk__c": fields.get("Risk__c") or "",
            "account.Score__c": _typed(Decimal, fields.get("Score__c")),
            "account.Seen__c": _typed(date.fromisoformat, fields.get("Seen__c")),
            "account.Checked__c": {"true": True, "false": False}.get(fields.get("Checked__c") or ""),
        }
        self.earlier[customer.pk] = {}
        if rng.random() < 0.8:
            self.earlier[customer.pk] = before = self._figures()
            CustomerRollup.objects.create(customer=customer, as_of=EARLIER, computed_at=NOW, **before)

    def _account(self, key: str) -> dict[str, str | None]:
        rng = self.rng
        fields = {
            "Risk__c": rng.choice(("High", "high", "Low", "", None)),
            "Score__c": rng.choice(("3", "-2.5", "100", "", None, "many", "NaN")),
            "Seen__c": rng.choice((self._day().isoformat(), "2026-02-31", "", None)),
            "Checked__c": rng.choice(("true", "false", None)),
        }
        gone = NOW if rng.random() < 0.1 else None
        SfAccount.objects.create(key=key, source="salesforce", synced_at=NOW, deleted_at=gone, custom_fields=fields)
        return {} if gone else fields

    def _figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = {name: self._amount() for name in MONEY}
        figures |= {name: self.rng.randint(0, 4) for name in COUNTS}
        figures |= {name: Decimal(self.rng.randint(0, 1000)) / 10 for name in SHARES}
        figures |= {name: self._day() for name in DAYS}
        return {name: None if name in NULLABLE and self.rng.random() < 0.3 else each for name, each in figures.items()}

    def _amount(self) -> Decimal:
        return self.rng.choice((Decimal(0), Decimal(100), Decimal(-40), Decimal(self.rng.randint(-5000, 99999)) / 100))

    def _day(self) -> date:
        return AS_OF - timedelta(days=self.rng.choice((0, 1, 29, 30, 31, 61, 92, self.rng.randint(-3, 800))))

    def rules(self, depth: int = 1) -> dict[str, Any]:
        """A group of one to three members."""
        members = [
            self.rules(depth + 1) if depth < 4 and self.rng.random() < 0.3 else self.rule()
            for _ in range(self.rng.randint(1, 3))
        ]
        return {self.rng.choice(("all", "any")): members}

    def rule(self) -> dict[str, Any]:
        """Any operator of any field."""
        name, operator, values = self.rng.choice(list(self._possible()))
        return {"field": name, "is": operator, "values": values}

    def _possible(self) -> Iterator[tuple[str, str, list[str]]]:
        yield from self._numbers()
        yield from self._changes()
        yield from self._days_and_texts()
        for name in ("is_prospect", "has_account", "account.Checked__c"):
            yield from ((name, operator, []) for operator in ("yes", "no"))

    def _numbers(self) -> Iterator[tuple[str, str, list[str]]]:
        number = str(self.rng.choice((0, 1, 2, 3)))
        for name in (*MONEY, *COUNTS, *SHARES, "account.Score__c"):
            amount = number if name in COUNTS else str(self.rng.choice((self._amount(), Decimal("2.5"), Decimal(100))))
            for operator in ("at_least", "more_than", "at_most", "less_than", "equals"):
                yield name, operator, [amount]
            yield name, "between", sorted((amount, number), key=Decimal)
            yield from ((name, operator, []) for operator in ("known", "unknown"))

    def _changes(self) -> Iterator[tuple[str, str, list[str]]]:
        changes = ("up_percent", "down_percent", "up_amount", "down_amount")
        for name in (*MONEY[:5], *COUNTS, "otif"):
            for operator in changes:
                yield name, operator, [str(self.rng.choice((0, 20, Decimal("33.3")))), "1", "years"]
        for name in ("revenue_ytd", "revenue_12m", "otif"):
            for operator in changes:
                yield name, operator, [str(self.rng.choice((0, 20, 100))), "", "prior"]

    def _days_and_texts(self) -> Iterator[tuple[str, str, list[str]]]:
        rng = self.rng
        for name in (*DAYS, "account.Seen__c"):
            for operator in ("within_last", "longer_ago"):
                yield name, operator, [str(rng.choice((1, 2, 30, 31))), rng.choice(("days", "weeks", "months"))]
            yield name, "in_period", [f"{rng.choice(('this', 'last'))}_{rng.choice(('month', 'quarter', 'year'))}"]
            first, last = sorted(self._day().isoformat() for _ in range(2))
            yield from ((name, "on_or_after", [first]), (name, "before", [last]), (name, "between_days", [first, last]))
            yield from ((name, operator, []) for operator in ("happened", "never"))
        for name, texts in (("city", PLACES), ("account.Risk__c", ("High", "low")), ("owner", ("005A", "005B"))):
            some = [text for text in rng.sample(texts, len(texts)) if text][:2]
            yield from ((name, operator, some[:1]) for operator in ("is", "is_not"))
            yield from ((name, operator, some) for operator in ("one_of", "none_of"))
            yield from ((name, operator, [some[0][:2]]) for operator in ("begins", "contains"))
            yield from ((name, operator, []) for operator in ("empty", "filled"))


def _typed(read: Any, text: str | None) -> Any:
    try:
        value = read(text) if text else None
    except (ValueError, ArithmeticError):
        return None
    return None if isinstance(value, Decimal) and not value.is_finite() else value
