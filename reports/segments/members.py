"""A segment's page: its members with the values that brought them in, and one customer's reasons in full."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page
from django.urls import reverse

from customers.access import User, hidden_columns
from customers.models import Customer, CustomerRollup, Segment
from customers.rules.binding import Problem, RuleProblems
from customers.rules.bound import Bound
from customers.rules.query import with_facts
from customers.rules.reasons import Verdict, facts_of, is_member, reasons, verdicts
from customers.rules.wording import asked_words, short_words, verdict_words
from integration_hub.config import hub
from reports.columns import Column
from reports.page import Figure, Heading, Line, build_page
from reports.segments.report import bound_for, report_of
from reports.segments.words import WordedGroup, labels_of, owner_names, worded
from reports.shape import Question

# So many reasons stand beside a customer; the rest is on the page of the customer's reasons.
MOST_SHOWN = 4


@dataclass(frozen=True)
class Reason:
    """One rule for one customer: the field, the customer's value (`short` for a list), what is asked; `because` where
    the value alone does not say why it is not met.
    """

    label: str
    value: str
    asked: str
    short: str = ""
    met: bool = True
    because: str = ""
    figure: str = ""


@dataclass(frozen=True)
class MemberRow:
    """One member: its line of the report, its reasons, and how many more there are."""

    line: Line
    why_url: str
    reasons: tuple[Reason, ...]
    further: int


@dataclass(frozen=True)
class MembersPage:
    """The members of a segment at a day, or `problems` where its rules cannot be used."""

    query: str
    currency: str
    as_of: date
    report: str = ""
    rules: WordedGroup | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    rows: tuple[MemberRow, ...] = ()
    count: int = 0
    foot: tuple[Figure, ...] = ()
    page: Page[Any] | None = None

    @property
    def columns(self) -> Sequence[Column]:
        """The columns beside the customer."""
        return [heading.column for heading in self.headings[1:]]


def question_of(segment: Segment, user: User, as_of: date, given: Mapping[str, str]) -> Question:
    """The members in the order of a URL."""
    return Question(
        as_of=as_of,
        currency=hub().company.reporting_currency,
        user=user,
        hidden=hidden_columns(user),
        sort=given.get("sort") or report_of(segment).sort,
        descending=given.get("order", "desc") != "asc",
    )


def build_members(segment: Segment, question: Question, page_number: str) -> MembersPage:
    """One page of members with their reasons."""
    report = report_of(segment)
    query = report.query(question)
    try:
        bound = bound_for(segment, question)
    except RuleProblems as wrong:
        return MembersPage(query, question.currency, question.as_of, problems=wrong.problems)
    page = build_page(report, question, page_number=page_number)
    listing = page.listing
    shown: list[int] = [row.keys["customer"] for row in listing.page.object_list] if listing.page else []
    told = _reasons(bound, question, shown)
    return MembersPage(
        query=query,
        currency=question.currency,
        as_of=question.as_of,
        report=report.name,
        rules=worded(bound, question.currency),
        notes=page.answer.notes,
        headings=listing.headings,
        rows=tuple(
            _row(segment, line, customer, told.get(customer, ()))
            for line, customer in zip(listing.rows, shown, strict=True)
        ),
        count=listing.count,
        foot=listing.foot,
        page=listing.page,
    )


def _row(segment: Segment, line: Line, customer: int, told: Sequence[Reason]) -> MemberRow:
    url = reverse("segments:why", args=[segment.pk, customer])
    return MemberRow(line, url, tuple(told[:MOST_SHOWN]), max(0, len(told) - MOST_SHOWN))


def _reasons(bound: Bound, question: Question, customers: Sequence[int]) -> dict[int, tuple[Reason, ...]]:
    if not customers:
        return {}
    rollups = list(with_facts(CustomerRollup.objects.filter(as_of=bound.as_of, customer__in=customers), bound))
    facts = {rollup.customer_id: facts_of(bound, rollup) for rollup in rollups}
    labels = _labels(bound, list(facts.values()))
    return {
        customer: tuple(_reason(judged, question.currency, labels) for judged in reasons(bound, values))
        for customer, values in facts.items()
    }


def _labels(bound: Bound, facts: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Names of the owners that rules or customers name by key."""
    owners = [f"fact_{rule.number}" for rule in bound.root.rules() if rule.field.name == "owner"]
    if not owners:
        return labels_of(bound)
    keys = {values[name] for values in facts for name in owners if values[name]}
    named = {value for rule in bound.root.rules() if rule.field.name == "owner" for value in rule.rule.values}
    return owner_names(keys | named)


def _reason(judged: Verdict, currency: str, labels: Mapping[str, str]) -> Reason:
    return Reason(
        label=judged.rule.field.label,
        value=verdict_words(judged, currency, labels),
        asked=asked_words(judged.rule, currency, labels),
        short=short_words(judged, currency, labels),
        met=judged.met,
        because=judged.because,
        figure=judged.rule.field.measure if judged.value not in {None, 0} else "",
    )


@dataclass(frozen=True)
class Why:
    """Every rule of a segment for one customer, and whether the customer is in it."""

    customer: Customer
    is_in: bool
    kind: str
    reasons: tuple[Reason, ...]
    rules: WordedGroup
    as_of: date


def build_why(segment: Segment, question: Question, customer: int) -> Why | None:
    """All rules judged for a customer; None for one that the reader does not see or that has no figures of the day.
    Raises RuleProblems.
    """
    bound = bound_for(segment, question)
    rollups = question.seen(CustomerRollup.objects.filter(as_of=bound.as_of, customer=customer))
    rollup = with_facts(rollups.select_related("customer"), bound).first()
    if rollup is None:
        return None
    facts = facts_of(bound, rollup)
    labels = _labels(bound, [facts])
    return Why(
        customer=rollup.customer,
        is_in=is_member(bound.root, facts) and rollup.customer.gone_at is None,
        kind=bound.root.kind,
        reasons=tuple(_reason(judged, question.currency, labels) for judged in verdicts(bound, facts)),
        rules=worded(bound, question.currency),
        as_of=bound.as_of,
    )
