"""Rules as one query over the rollups of a day: conditions with parameters, never text."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, FilteredRelation, Q, QuerySet, Sum, Value
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import Cast

from customers.models import CustomerRollup
from customers.rules.bound import Bound, BoundGroup, BoundRule, Earlier
from customers.rules.conditions import Changed, Nobody

# Exact for amounts of 15 digits times a hundred with four places each.
WIDE = DecimalField(max_digits=60, decimal_places=10)


def matching(rollups: QuerySet[Any], bound: Bound) -> QuerySet[Any]:
    """The rollups, all of the day the rules were bound at, that meet them."""
    condition, aliases = condition_of(bound)
    found: QuerySet[Any] = with_aliases(rollups, aliases).filter(condition)
    return found


def condition_of(bound: Bound, prefix: str = "") -> tuple[Q, Mapping[str, Any]]:
    """The rules as a condition, and the aliases it needs; a prefix keeps those of several segments apart."""
    aliases: dict[str, Any] = {}
    return _Conditions(aliases, prefix).of_group(bound.root), aliases


def with_aliases(rollups: QuerySet[Any], aliases: Mapping[str, Any]) -> QuerySet[Any]:
    """The rollups with what conditions need: relations first, as expressions read them."""
    relations = {name: value for name, value in aliases.items() if isinstance(value, FilteredRelation)}
    rest = {name: value for name, value in aliases.items() if name not in relations}
    prepared: QuerySet[Any] = rollups.alias(**relations).alias(**rest)
    return prepared


def with_facts(rollups: QuerySet[Any], bound: Bound) -> QuerySet[Any]:
    """Rollups with the value of each rule as `fact_1`, and what it is compared with as `before_1`."""
    facts: dict[str, Any] = {}
    relations: dict[str, Any] = {}
    for rule in bound.root.rules():
        facts[f"fact_{rule.number}"] = rule.field.source.value()
        if rule.earlier is not None:
            relations |= relation_of(rule.earlier)
            facts[f"before_{rule.number}"] = F(rule.earlier.path)
    found: QuerySet[Any] = rollups.alias(**relations).annotate(**facts)
    return found


def count_and_sums(rollups: QuerySet[Any], *columns: str) -> dict[str, Any]:
    """The number of rollups as "customers" and the sum of each column by its name, in one query."""
    sums = {f"sum_{column}": Sum(column) for column in columns}
    found = rollups.order_by().aggregate(customers=Count("*"), **sums)
    return {name.removeprefix("sum_"): value or 0 for name, value in found.items()}


def relation_of(earlier: Earlier) -> dict[str, Any]:
    """The kept day's rollup of the same customer, under its alias."""
    if earlier.day is None:
        return {}
    of_day = Q(customer__rollups__as_of=earlier.day)
    return {earlier.alias: FilteredRelation("customer__rollups", condition=of_day)}


@dataclass
class _Conditions:
    aliases: dict[str, Any]
    prefix: str

    def of_group(self, group: BoundGroup) -> Q:
        parts = [
            self.of_rule(member) if isinstance(member, BoundRule) else self.of_group(member) for member in group.members
        ]
        return Q(*parts, _connector=Q.OR if group.kind == "any" else Q.AND)

    def of_rule(self, rule: BoundRule) -> Q:
        if isinstance(rule.asks, Nobody):
            return Q(pk__in=CustomerRollup.objects.none())
        if isinstance(rule.asks, Changed):
            return self.of_change(rule, rule.asks)
        self.aliases |= rule.field.source.aliases()
        return rule.field.source.where(rule.asks)

    def of_change(self, rule: BoundRule, asks: Changed) -> Q:
        """How much it moved, less what it must move by: without a division, so that nothing is divided by zero."""
        if rule.earlier is None:
            raise TypeError(f"Rule {rule.number} asks for a change but has nothing to compare with.")
        self.aliases |= relation_of(rule.earlier)
        now, then = (_wide(path, whole=rule.field.whole) for path in (rule.field.measure, rule.earlier.path))
        moved: Any = now - then if asks.direction == "up" else then - now
        limit = Value(asks.by, output_field=WIDE)
        beyond = moved * Value(Decimal(100), output_field=WIDE) - then * limit if asks.percent else moved - limit
        name = f"{self.prefix}beyond_{rule.number}"
        self.aliases[name] = ExpressionWrapper(beyond, output_field=WIDE)
        found = Q(**{f"{name}__gt": 0})
        if not asks.percent:
            return found
        # Under a name of its own: a condition on the relation itself would read the earlier day once more.
        before = f"{self.prefix}before_{rule.number}"
        self.aliases[before] = F(rule.earlier.path)
        return found & Q(**{f"{before}__gt": 0})


def _wide(path: str, *, whole: bool) -> Any:
    """A column to reckon with: a count times a hundred may be more than an integer holds."""
    return Cast(F(path), WIDE) if whole else ExpressionWrapper(F(path), output_field=WIDE)
