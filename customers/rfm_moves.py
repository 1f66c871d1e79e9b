"""Movement between segments: each customer at a day beside itself at an earlier one, both by the same rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.db.models import Case, CharField, Expression, F, FilteredRelation, Func, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from customers.hidden import CLASSIFIED_BY
from customers.measures import get_measure
from customers.models import CustomerRollup
from customers.rfm import SCORED_BY, Differ, scored
from customers.rfm_in_force import scales_in_force
from customers.rfm_segments import NEW, NO_ORDERS, SEGMENTS
from customers.segments import USUAL, all_segments, class_expressions, segment_expression

# The relation to the rollup of the earlier day.
THEN = "then"
NOT_YET = "Not a customer yet"


@dataclass(frozen=True)
class Sorting:
    """A way to sort customers into segments: their words in their order, the figures it rests on, and what annotates
    rollups beside earlier ones with the words `moved_from` and `moved_to` and with `why`.
    """

    name: str
    label: str
    segments: tuple[str, ...]
    rests_on: frozenset[str]
    annotate: Callable[[QuerySet[Any]], QuerySet[Any]]


def moves(rollups: QuerySet[CustomerRollup], earlier: date, sorting: Sorting) -> QuerySet[Any]:
    """Rollups of one day with the segments of their customers then and now, and why it is another: `moved_from`,
    `moved_to` and `why`, empty where it is the same. Whoever had no figures at the earlier day comes from NOT_YET.
    """
    same_customer = FilteredRelation("customer__rollups", condition=Q(customer__rollups__as_of=earlier))
    return sorting.annotate(rollups.annotate(**{THEN: same_customer}))


def _by_rfm(rollups: QuerySet[Any]) -> QuerySet[Any]:
    scales = scales_in_force()
    both = scored(scored(rollups, scales, prefix="now"), scales, prefix="was", relation=THEN)
    both = both.annotate(moved_from=_from(F("was_label")), moved_to=F("now_label"))
    reasons = [
        _changed("Recency", "r", "days", "days"),
        _changed("Frequency", "f", "orders", "orders"),
        _changed("Monetary value", "m", "amount", ""),
    ]
    told = Case(
        When(moved_from=F("moved_to"), then=Value("")),
        When(moved_from=NOT_YET, then=Value("No figures then")),
        When(was_segment=NO_ORDERS, then=Value("First order")),
        When(now_segment=NO_ORDERS, then=Value("No order counts any more")),
        default=_listed(Case(When(was_segment=NEW, then=Value("No longer new")), default=None), *reasons),
        output_field=CharField(),
    )
    explained: QuerySet[Any] = both.annotate(why=told)
    return explained


def _changed(label: str, score: str, value: str, unit: str) -> Expression:
    """ "Recency 5 to 3 (12 to 140 days)"; null where the score is the same."""
    was, now = F(f"was_{score}"), F(f"now_{score}")
    # One day, but two days.
    plural, singular = (Value(f" {unit})" if unit else ")"), Value(f" {unit.removesuffix('s')})"))
    noun = Case(When(**{f"now_{value}": 1}, then=singular), default=plural) if unit else plural
    told = Concat(
        Value(f"{label} "),
        Cast(was, CharField()),
        Value(" to "),
        Cast(now, CharField()),
        Value(" ("),
        whole(F(f"was_{value}")),
        Value(" to "),
        whole(F(f"now_{value}")),
        noun,
        output_field=CharField(),
    )
    return Case(When(**{f"was_{score}": now}, then=None), default=told, output_field=CharField())


def _by_classes(rollups: QuerySet[Any]) -> QuerySet[Any]:
    now, then = class_expressions(USUAL), class_expressions(USUAL, THEN)
    both = rollups.annotate(
        **{f"now_{name}": told for name, told in now.items()}, **{f"was_{name}": told for name, told in then.items()}
    )
    both = both.annotate(
        moved_from=_from(segment_expression(USUAL, THEN)),
        moved_to=segment_expression(USUAL),
    )
    reasons = _listed(*(_class_changed(name) for name in now))
    told = Case(
        When(moved_from=F("moved_to"), then=Value("")),
        When(moved_from=NOT_YET, then=Value("No figures then")),
        default=reasons,
        output_field=CharField(),
    )
    explained: QuerySet[Any] = both.annotate(why=told)
    return explained


def _class_changed(measure: str) -> Expression:
    """ "Revenue last year: Large to Medium (160,000 to 120,000)"; null where the class is the same."""
    was, now = F(f"was_{measure}"), F(f"now_{measure}")
    told = Concat(
        Value(f"{get_measure(measure).label}: "),
        was,
        Value(" to "),
        now,
        Value(" ("),
        whole(F(f"{THEN}__{measure}")),
        Value(" to "),
        whole(F(measure)),
        Value(")"),
        output_field=CharField(),
    )
    return Case(When(**{f"was_{measure}": now}, then=None), default=told, output_field=CharField())


def movers(found: QuerySet[Any]) -> QuerySet[Any]:
    """Those of `moves` whose segment is another one."""
    return found.filter(Differ(F("moved_from"), F("moved_to")))


def _from(segment: Any) -> Expression:
    return Case(When(**{f"{THEN}__pk__isnull": True}, then=Value(NOT_YET)), default=segment, output_field=CharField())


def _listed(*parts: Expression) -> Expression:
    """The parts that are not null, with semicolons between."""
    return Func(Value("; "), *parts, function="concat_ws", output_field=CharField())


def whole(value: Any) -> Expression:
    """A number without decimals, with thousands separators; a dash for none."""
    written = Func(value, Value("FM999,999,999,999,990"), function="to_char", output_field=CharField())
    return Coalesce(written, Value("–"))


SORTINGS: Mapping[str, Sorting] = MappingProxyType(
    {
        each.name: each
        for each in (
            Sorting("rfm", "RFM segments", tuple(segment.label for segment in SEGMENTS.values()), SCORED_BY, _by_rfm),
            Sorting("classes", "Revenue, standing and deals", all_segments(), CLASSIFIED_BY, _by_classes),
        )
    }
)


def ordered(segments: Sequence[str], sorting: Sorting) -> tuple[str, ...]:
    """The segments that occur, in the order of the sorting; NOT_YET comes last."""
    places = {segment: place for place, segment in enumerate(sorting.segments)}
    return tuple(sorted(set(segments), key=lambda segment: places.get(segment, len(places))))
