"""Which customers a list holds: the filters of its URL, each of which falls away where it makes no sense."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, Value
from django.db.models.lookups import Exact
from django.http import QueryDict

from customers.account_fields import FieldFilter, UnknownField, read_filter, with_field
from customers.keyset import Value as Bound
from customers.measures_text import SEGMENT, STAGE
from customers.models import Customer
from customers.pages.list_columns import Column, all_columns
from customers.search import matching
from customers.segments import USUAL, all_segments, case_of, segment_expression
from customers.stages import STAGES, stage_rules
from customers.standard_views import View, get_view
from customers.written_numbers import BadNumber, read_number

LONGEST, LONGEST_WORD = 400, 40
ATTRIBUTES = ("owner", "country", "industry", "currency")
FROM, TO = "from.", "to."
# What a saved view keeps of a URL: everything but the place in the list.
NAMES = ("q", "view", *ATTRIBUTES, "segment", "stage", "field", "sort", "columns")


@dataclass(frozen=True)
class Range:
    """A column between two bounds, both included; either may be open."""

    column: Column
    low: Bound
    high: Bound

    def condition(self) -> Q:
        """On a rollup."""
        low = Q() if self.low is None else Q(**{f"{self.column.path}__gte": self.low})
        return low if self.high is None else low & Q(**{f"{self.column.path}__lte": self.high})


@dataclass(frozen=True)
class Filters:
    """The filters that hold. `attributes` are equalities by name; `unread` says which bounds are none."""

    search: str
    view: View | None
    attributes: Mapping[str, str]
    segment: str
    stage: str
    field: FieldFilter | None
    ranges: tuple[Range, ...]
    unread: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the list is of all customers."""
        return self.only_view and not self.view

    @property
    def only_view(self) -> bool:
        """Whether a standard view is all that narrows the list."""
        return not (self.search or self.attributes or self.segment or self.stage or self.field or self.ranges)

    def condition(self, as_of: date) -> Q:
        """On a rollup of that day."""
        condition = Q(*(each.condition() for each in self.ranges))
        for name, value in self.attributes.items():
            condition &= Q(**{f"customer__{name}": value})
        if self.search:
            condition &= Q(customer__in=matching(Customer.objects.all(), self.search).order_by().values("pk"))
        if self.view is not None:
            condition &= self.view.condition(as_of)
        if self.segment:
            equal: Any = Exact(segment_expression(USUAL), Value(self.segment))
            condition &= Q(equal)
        if self.stage:
            equal = Exact(case_of(stage_rules()), Value(self.stage))
            condition &= Q(equal)
        if self.field is not None:
            condition &= Q(customer__account__in=with_field(self.field).values("key"))
        return condition


def read_filters(query: QueryDict, columns: Mapping[str, Column]) -> Filters:
    """The filters of a URL over the columns that the user may see; what is unknown or damaged is left out."""
    field = None
    with suppress(UnknownField):
        field = read_filter(query.get("field", ""))
    stage = query.get("stage", "")
    segment, view = query.get("segment", ""), get_view(query.get("view", ""))
    # What the user may not see is no column of theirs.
    hidden = frozenset(all_columns()) - frozenset(columns)
    return Filters(
        search=query.get("q", "").strip()[:LONGEST],
        view=view if view is not None and view.may_show(hidden) else None,
        attributes={name: value[:LONGEST] for name in ATTRIBUTES if (value := query.get(name, ""))},
        segment=segment if segment in all_segments() and "segment" in columns else "",
        stage=stage if stage in STAGES and STAGE.name in columns else "",
        field=field,
        ranges=tuple(read for column in columns.values() if (read := _range(query, column)) is not None),
        unread=(*_unread(query, columns), *_unmeant(query, columns)),
    )


def _unread(query: QueryDict, columns: Mapping[str, Column]) -> Iterator[str]:
    for column in columns.values():
        for prefix in (FROM, TO):
            text = query.get(prefix + column.name, "").strip()
            if column.is_measure and text and _bound(text, column) is None:
                yield f"{_why(text, column)}. Until then {column.label} narrows nothing."


def _unmeant(query: QueryDict, columns: Mapping[str, Column]) -> Iterator[str]:
    """What is read, but can hold nobody, and choices that there are none of."""
    for column in columns.values():
        found = _range(query, column)
        if found is not None and found.low is not None and found.high is not None and found.low > found.high:  # type: ignore[operator]
            yield f"{column.label} begins above where it ends, so nobody lies between: change the two bounds."
    known = (("segment", SEGMENT.name, all_segments()), ("stage", STAGE.name, STAGES))
    for name, column_name, choices in known:
        text = query.get(name, "")
        if text and column_name in columns and text not in choices:
            yield f"“{text[:LONGEST_WORD]}” is no {name}, so it narrows nothing."


def _why(text: str, column: Column) -> str:
    if column.kind == "date":
        return f"“{text[:LONGEST_WORD]}” is no date; type one such as 2026-02-28"
    try:
        read_number(text)
    except BadNumber as problem:
        return str(problem)
    return f"“{text[:LONGEST_WORD]}” is no whole number of this size"


def _range(query: QueryDict, column: Column) -> Range | None:
    if not column.is_measure:
        return None
    low, high = (_bound(query.get(prefix + column.name, ""), column) for prefix in (FROM, TO))
    return None if low is None and high is None else Range(column, low, high)


def _bound(text: str, column: Column) -> Bound:
    with suppress(ValueError):
        return column.read(f"{read_number(text):f}" if column.numeric else text.strip()) if text else None
    return None


def canonical(query: QueryDict, columns: Mapping[str, Column]) -> str:
    """A query string without empty and unknown parameters, in one order, for links and saved views."""
    kept = QueryDict(mutable=True)
    for name in (*NAMES, *(prefix + column for column in columns for prefix in (FROM, TO))):
        if value := query.get(name, "").strip()[:LONGEST]:
            kept[name] = value
    return kept.urlencode()
