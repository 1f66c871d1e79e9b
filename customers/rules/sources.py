"""Where a field's value comes from: a column reached from a rollup, an expression, or the mirrored account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Expression, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from customers.rules.conditions import Condition, Text
from integration_hub.models import SfAccount


class Source(Protocol):
    """Gives the value of a rollup, and the condition that chooses rollups by it."""

    def value(self) -> Any:
        """An expression over CustomerRollup."""
        ...

    def aliases(self) -> Mapping[str, Any]:
        """What the condition needs to find in the query."""
        ...

    def where(self, condition: Condition) -> Q:
        """On CustomerRollup."""
        ...


def turned(condition: Condition, found: Q) -> Q:
    """A text condition that is refused turned around. Texts are never null, so nobody is lost in between."""
    return ~found if isinstance(condition, Text) and condition.refused else found


@dataclass(frozen=True)
class Column:
    """A column of the rollup or of its customer; `earlier` columns of the rollup are in every day's rollup."""

    path: str

    def value(self) -> Any:
        """The column."""
        return F(self.path)

    def aliases(self) -> Mapping[str, Any]:
        """None: the path says all."""
        return {}

    def where(self, condition: Condition) -> Q:
        """On the column."""
        return turned(condition, condition.condition(self.path))


@dataclass(frozen=True)
class Computed:
    """An expression over CustomerRollup, such as the words of a segment; `name` is an identifier of its own."""

    name: str
    expression: Callable[[], Expression]

    def value(self) -> Any:
        """The expression."""
        return self.expression()

    def aliases(self) -> Mapping[str, Any]:
        """The expression under its name."""
        return {f"rule_{self.name}": self.expression()}

    def where(self, condition: Condition) -> Q:
        """On the expression."""
        return turned(condition, condition.condition(f"rule_{self.name}"))


@dataclass(frozen=True)
class OfAccount:
    """An expression over the mirrored account; `absent` is what a customer without an account has ("" or None).

    Chosen by one set of accounts, and not account by account: 200,000 look-ups would take longer than the rest.
    """

    expression: Callable[[], Any]
    absent: str | None

    def _accounts(self) -> QuerySet[Any]:
        accounts: QuerySet[Any] = SfAccount.objects.live().annotate(rule_value=self.expression())
        return accounts

    def value(self) -> Any:
        """The value of the customer's account."""
        found = Subquery(self._accounts().filter(key=OuterRef("customer__account")).values("rule_value")[:1])
        return found if self.absent is None else Coalesce(found, Value(self.absent), output_field=TextField())

    def aliases(self) -> Mapping[str, Any]:
        """None: the accounts are asked in a query of their own."""
        return {}

    def where(self, condition: Condition) -> Q:
        """Customers by their account. What a customer without an account meets is found by asking for the others."""
        positive = _positive(condition)
        if positive.holds(self.absent):
            others = self._accounts().exclude(positive.condition("rule_value"))
            found = ~Q(customer__account__in=others.values("key"))
        else:
            found = Q(customer__account__in=self._accounts().filter(positive.condition("rule_value")).values("key"))
        return turned(condition, found)


def _positive(condition: Condition) -> Condition:
    if isinstance(condition, Text) and condition.refused:
        return Text(condition.texts, condition.how, condition.exact)
    return condition
