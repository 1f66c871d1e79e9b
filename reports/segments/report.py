"""A segment as a report of its members, so that pages, exports and totals read the same columns and rows."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import Case, CharField, Value, When
from django.db.models.lookups import Exact

from customers.access import User
from customers.measures import get_measure
from customers.models import Segment
from customers.rules.binding import RuleProblems, bind
from customers.rules.bound import Bound, BoundRule, Earlier
from customers.rules.fields import RuleField, fields_without
from customers.rules.keeping import segments_for, shown_to
from customers.rules.operators import FieldKind
from customers.rules.query import matching
from customers.rules.shape import stored_group
from reports.columns import CellKind, Column, Total, measure_column
from reports.customer_rows import CUSTOMER, ERP_NUMBERS, OWNER, customer_answer
from reports.parameters import BadParameter
from reports.rows import QueryRows, Rows
from reports.segments.figures import MONEY, clash_sentences, state_of
from reports.segments.rows import CountedRows
from reports.segments.words import group_lines
from reports.shape import Answer, Question, Report

PREFIX, SEGMENTS = "segment-", "Segments"
KINDS = {
    FieldKind.MONEY: CellKind.MONEY,
    FieldKind.COUNT: CellKind.COUNT,
    FieldKind.DAYS: CellKind.DAYS,
    FieldKind.PERCENT: CellKind.PERCENT,
    FieldKind.NUMBER: CellKind.NUMBER,
    FieldKind.DATE: CellKind.DATE,
    FieldKind.TEXT: CellKind.TEXT,
    FieldKind.YES_NO: CellKind.TEXT,
}
# Fields whose column stands first or under another name in every list of customers.
STANDING = {"name": CUSTOMER, "owner": OWNER, "erp_numbers": ERP_NUMBERS}


def report_of(segment: Segment) -> Report:
    """The report of a segment's members."""
    return Report(
        name=f"{PREFIX}{segment.pk}",
        title=segment.name,
        description=segment.description,
        answer=partial(answer, segment),
        group=SEGMENTS,
        sort=MONEY[0],
    )


def segment_report(name: str, user: User) -> Report | None:
    """The report of a segment that the user may see, by its name such as "segment-12"; None for none."""
    number = name.removeprefix(PREFIX)
    if number == name or not number.isascii() or not number.isdigit() or len(number) > 15:
        return None
    segment = segments_for(user).filter(pk=int(number)).first()
    return report_of(segment) if segment is not None and shown_to(user, segment) else None


def offered_segments(user: User) -> tuple[Report, ...]:
    """The reports of all segments that the user may see."""
    return tuple(report_of(segment) for segment in segments_for(user) if shown_to(user, segment))


def bound_for(segment: Segment, question: Question) -> Bound:
    """The segment's rules at the question's day. Raises RuleProblems."""
    return bind(stored_group(segment.rules), fields_without(question.hidden), question.as_of)


def answer(segment: Segment, question: Question) -> Answer:
    """The members with the figures that the rules name, revenue and overdue. Raises BadParameter for rules that cannot
    be used any more.
    """
    try:
        bound = bound_for(segment, question)
    except RuleProblems as problems:
        raise BadParameter(f"{problems} Nothing was lost: change the segment to use it again.") from problems
    told = f"Segment “{segment.name}”, version {segment.version}, by {segment.owner_name}"
    found = customer_answer(
        question,
        matching(question.rollups(), bound),
        columns(bound),
        words=(told, *group_lines(bound, question.currency)),
        notes=(*bound.notes, *clash_sentences(bound)),
    )
    return replace(found, rows=_counted(found, segment, question))


def _counted(found: Answer, segment: Segment, question: Question) -> Rows:
    if not isinstance(found.rows, QueryRows) or question.user is None:
        return found.rows
    state = state_of(stored_group(segment.rules), question.as_of, question.user)
    return CountedRows(**vars(found.rows), state=state)


def columns(bound: Bound) -> tuple[Column, ...]:
    """Who, what the rules name in their order, and money."""
    found = {column.name: column for column in (CUSTOMER, OWNER)}
    for rule in bound.root.rules():
        for column in _of_rule(rule):
            found.setdefault(column.name, column)
    for name in MONEY:
        found.setdefault(name, measure_column(name))
    return tuple(found.values())


def _of_rule(rule: BoundRule) -> Iterator[Column]:
    yield _column(rule.field)
    if rule.earlier is not None:
        yield _earlier(rule.field, rule.earlier)


def _column(field: RuleField) -> Column:
    if field.measure:
        return measure_column(field.measure)
    if field.name in STANDING:
        return STANDING[field.name]
    value = field.source.value()
    if field.kind is FieldKind.YES_NO:
        value = _yes_no(value)
    return Column(
        name=field.name, label=field.label, kind=KINDS[field.kind], value=value, definition=field.definition, wide=True
    )


def _yes_no(value: Any) -> Case:
    yes: Any = Exact(value, Value(True))
    no: Any = Exact(value, Value(False))
    return Case(When(yes, then=Value("yes")), When(no, then=Value("no")), default=Value(""), output_field=CharField())


def _earlier(field: RuleField, earlier: Earlier) -> Column:
    """What a figure is compared with. That of a kept day opens no documents: they may have changed since."""
    if earlier.day is None:
        return measure_column(earlier.column)
    adds = get_measure(field.measure).kind in {"sum", "count"}
    return Column(
        name=f"{field.name}_{earlier.day:%Y%m%d}",
        label=f"{field.label}, {earlier.words}",
        kind=KINDS[field.kind],
        value=earlier.path,
        total=Total(earlier.path) if adds else None,
        definition=f"As it was kept on {earlier.words}. {field.definition}",
        wide=True,
    )
