"""The classes that customers are told apart by: revenue last year, overdue amount and average deal size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from django.db.models import Case, Expression, ExpressionWrapper, Func, Q, QuerySet, Value, When
from django.db.models.fields import CharField, IntegerField

from customers.models import CustomerRollup
from customers.relations import through

Rules = Sequence[tuple[Q | None, str]]
REVENUE_CLASSES = {"large": "Large", "medium": "Medium", "small": "Small", "none": "No revenue"}
STANDINGS = {"overdue": "Overdue", "good": "In good standing"}
DEAL_CLASSES = {"big": "Big deals", "usual": "Usual deals", "none": "No won deals"}


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Amounts in the reporting currency at which a class begins; each class includes its threshold."""

    large: Decimal = Decimal(150000)
    medium: Decimal = Decimal(40000)
    overdue: Decimal = Decimal(1000)
    deal: Decimal = Decimal(25000)


USUAL = Thresholds()


def segment_words(revenue_class: str, standing: str, deal_class: str) -> str:
    """ "Large, overdue, big deals"."""
    parts = (REVENUE_CLASSES[revenue_class], STANDINGS[standing], DEAL_CLASSES[deal_class])
    return ", ".join(parts).capitalize()


def all_segments() -> tuple[str, ...]:
    """The words of every segment there can be, largest revenue class first."""
    return tuple(segment_words(*names) for names in product(REVENUE_CLASSES, STANDINGS, DEAL_CLASSES))


def classify(rollups: QuerySet[CustomerRollup], thresholds: Thresholds) -> QuerySet[Any]:
    """Annotate each rollup with revenue_class, standing and deal_class."""
    return rollups.annotate(
        revenue_class=case_of(_revenue_rules(thresholds)),
        standing=case_of(_standing_rules(thresholds)),
        deal_class=case_of(_deal_rules(thresholds)),
    )


def class_of(rollup: CustomerRollup, thresholds: Thresholds) -> tuple[str, str, str]:
    """revenue_class, standing and deal_class of a rollup, also of one that is not stored, as `classify` has it."""
    revenue, overdue = rollup.revenue_last_year, rollup.overdue_amount
    if revenue >= thresholds.large and revenue > 0:
        revenue_class = "large"
    elif revenue >= thresholds.medium and revenue > 0:
        revenue_class = "medium"
    else:
        revenue_class = "small" if revenue else "none"
    standing = "overdue" if overdue >= thresholds.overdue and overdue > 0 else "good"
    if rollup.won_count_12m <= 0:
        return revenue_class, standing, "none"
    average = rollup.average_deal_size
    return revenue_class, standing, "big" if average is not None and average >= thresholds.deal else "usual"


def class_expressions(thresholds: Thresholds, relation: str = "") -> Mapping[str, Expression]:
    """By measure that decides it, the words of each of a rollup's three classes."""
    return {
        "revenue_last_year": case_of(_of(relation, _revenue_rules(thresholds)), REVENUE_CLASSES),
        "overdue_amount": case_of(_of(relation, _standing_rules(thresholds)), STANDINGS),
        "average_deal_size": case_of(_of(relation, _deal_rules(thresholds)), DEAL_CLASSES),
    }


def segment_expression(thresholds: Thresholds, relation: str = "") -> Expression:
    """The words of a rollup's segment, as `segment_words` puts them; with a relation such as "customer__rollups"
    those of the related rollup.
    """
    revenue = _place(_of(relation, _revenue_rules(thresholds)), REVENUE_CLASSES)
    standing = _place(_of(relation, _standing_rules(thresholds)), STANDINGS)
    deals = _place(_of(relation, _deal_rules(thresholds)), DEAL_CLASSES)
    place = (revenue * len(STANDINGS) + standing) * len(DEAL_CLASSES) + deals + 1
    # One look into an array: to put the words together for each of 200,000 rows takes several times longer.
    words = ",".join(f"'{each}'" for each in all_segments())
    return Func(
        ExpressionWrapper(place, IntegerField()),
        template=f"(array[{words}])[%(expressions)s]",
        output_field=CharField(),
    )


def _place(rules: Rules, names: Mapping[str, str]) -> Case:
    """At which place of the names, counted from 0, the first rule stands that holds."""
    places = {name: place for place, name in enumerate(names)}
    whens = [When(rule, then=Value(places[name])) for rule, name in rules if rule is not None]
    return Case(*whens, default=Value(places[rules[-1][1]]), output_field=IntegerField())


def _of(relation: str, rules: Rules) -> Rules:
    return (
        tuple((None if rule is None else through(relation, rule), name) for rule, name in rules) if relation else rules
    )


def _revenue_rules(thresholds: Thresholds) -> Rules:
    return (
        (Q(revenue_last_year__gte=thresholds.large, revenue_last_year__gt=0), "large"),
        (Q(revenue_last_year__gte=thresholds.medium, revenue_last_year__gt=0), "medium"),
        (~Q(revenue_last_year=0), "small"),
        (None, "none"),
    )


def _standing_rules(thresholds: Thresholds) -> Rules:
    return ((Q(overdue_amount__gte=thresholds.overdue, overdue_amount__gt=0), "overdue"), (None, "good"))


def _deal_rules(thresholds: Thresholds) -> Rules:
    return (
        (Q(won_count_12m__gt=0, average_deal_size__gte=thresholds.deal), "big"),
        (Q(won_count_12m__gt=0), "usual"),
        (None, "none"),
    )


def case_of(rules: Rules, words: Mapping[str, str] | None = None) -> Case:
    """The name of the first rule that holds, or its words; the rule None always holds."""
    told = words or {name: name for _, name in rules}
    whens = [When(rule, then=Value(told[name])) for rule, name in rules if rule is not None]
    return Case(*whens, default=Value(told[rules[-1][1]]), output_field=CharField())
