"""The list of segments: whose, how large, how much money; and the versions of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from customers.access import User, hidden_columns
from customers.models import Segment, SegmentVersion
from customers.rules.binding import RuleProblems, bind
from customers.rules.fields import fields_without
from customers.rules.keeping import may_change, segments_for, shows
from customers.rules.shape import stored_group
from reports.segments.figures import Found, fields_of, find_all
from reports.segments.words import group_lines

PAGE_SIZE = 20
CHOICES: Mapping[str, str] = {"": "All", "mine": "Mine", "shared": "Shared by others", "left": "Without an owner"}


@dataclass(frozen=True)
class SegmentRow:
    """One segment with what it holds of the reader's customers."""

    segment: Segment
    found: Found | None
    mine: bool
    standing: str
    css: str


@dataclass(frozen=True)
class SegmentList:
    """One page of segments."""

    rows: tuple[SegmentRow, ...]
    page: Page[Any]
    chosen: str
    choices: tuple[tuple[str, str, bool], ...]
    amounts: tuple[str, ...]

    @property
    def query(self) -> str:
        """The choice, for links to other pages."""
        return f"show={self.chosen}" if self.chosen in CHOICES and self.chosen else ""


def build_list(user: User, as_of: date | None, chosen: str, page_number: str | None) -> SegmentList:
    """One's own first, then the others by name; counts of the page in one query."""
    fields, hidden = fields_of(user), hidden_columns(user)
    own_first = Case(When(owner=user.pk, then=Value(0)), default=Value(1), output_field=IntegerField())
    segments = _chosen(segments_for(user), user, chosen).order_by(own_first, "name", "pk")
    listed: Any = [each for each in segments if shows(each, fields_without(hidden))] if hidden else segments
    page = Paginator(listed, PAGE_SIZE).get_page(page_number)
    shown = list(page.object_list)
    found = (
        find_all([stored_group(each.rules) for each in shown], user, as_of, fields) if as_of else [None] * len(shown)
    )
    rows = tuple(_row(segment, each, user) for segment, each in zip(shown, found, strict=True))
    left = Segment.objects.filter(owner=None).exists()
    choices = tuple((name, label, name == chosen) for name, label in CHOICES.items() if name != "left" or left)
    amounts = next((each.amounts for each in found if each is not None and each.amounts), ())
    return SegmentList(rows, page, chosen, choices, tuple(amount.label for amount in amounts))


def _chosen(segments: QuerySet[Segment], user: User, chosen: str) -> QuerySet[Segment]:
    narrowed = {"mine": Q(owner=user.pk), "shared": Q(shared=True) & ~Q(owner=user.pk), "left": Q(owner=None)}
    return segments.filter(narrowed[chosen]) if chosen in narrowed else segments


def _row(segment: Segment, found: Found | None, user: User) -> SegmentRow:
    standing, css = standing_of(segment)
    return SegmentRow(segment, found, segment.owner_id == user.pk, standing, css)


def standing_of(segment: Segment) -> tuple[str, str]:
    """Who can use it, in a word, and the colour of the pill."""
    if segment.owner_id is None:
        return "Owner left", "pill-warn"
    return ("Shared", "pill-seg") if segment.shared else ("Private", "")


@dataclass(frozen=True)
class VersionRow:
    """One version: who made it and when, and its rules in words."""

    version: SegmentVersion
    lines: tuple[str, ...]
    problem: str
    changed: tuple[str, ...]
    current: bool


@dataclass(frozen=True)
class Versions:
    """One page of versions, the newest first."""

    rows: tuple[VersionRow, ...]
    page: Page[SegmentVersion]
    may_restore: bool


def build_versions(segment: Segment, user: User, as_of: date, currency: str, page_number: str | None) -> Versions:
    """The versions with what each changed."""
    page = Paginator(segment.versions.order_by("-number"), PAGE_SIZE).get_page(page_number)
    shown = list(page.object_list)
    before = segment.versions.filter(number=shown[-1].number - 1).first() if shown else None
    older = [*shown[1:], before]
    rows = tuple(
        _version(version, earlier, segment, user, (as_of, currency))
        for version, earlier in zip(shown, older, strict=True)
    )
    return Versions(rows, page, may_change(user, segment))


def _version(
    version: SegmentVersion, earlier: SegmentVersion | None, segment: Segment, user: User, told: tuple[date, str]
) -> VersionRow:
    lines: tuple[str, ...] = ()
    problem = ""
    try:
        lines = group_lines(bind(stored_group(version.rules), fields_of(user), told[0]), told[1])
    except RuleProblems as wrong:
        problem = str(wrong)
    names = {"name": "name", "description": "description", "shared": "sharing", "rules": "rules"}
    names["sent"] = "sending to Salesforce"
    changed = tuple(
        word for name, word in names.items() if earlier and getattr(version, name) != getattr(earlier, name)
    )
    return VersionRow(version, lines, problem, changed, version.number == segment.version)
