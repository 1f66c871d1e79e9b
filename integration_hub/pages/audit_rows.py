"""Rows of the audit for the page and as CSV: filtered, and paged by their number so that a long chain costs nothing."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from integration_hub.audit.verbs import WORDS, words
from integration_hub.config import hub
from integration_hub.models import AuditRow
from integration_hub.pages.csv_file import safe

PAGE_ROWS = 50
SHOWN = 40
HEAD = (
    *("sequence", "at (UTC)", "who", "address", "what", "kind", "object"),
    *("before", "after", "result", "run", "previous", "hash"),
)


@dataclass(frozen=True)
class Asked:
    """The filter as it was asked for. `before` and `after` page. `unread` says what could not be read, and so filters
    nothing: a page shows it, a file is refused.
    """

    who: str = ""
    what: str = ""
    object: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None
    after: int | None = None
    unread: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.who or self.what or self.object or self.since or self.until)


@dataclass(frozen=True)
class Line:
    """One row as shown: what changed as pairs of name, before and after."""

    row: AuditRow
    words: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class AuditPage:
    """Rows of one page, newest first; the numbers to go on from, None at an end."""

    lines: tuple[Line, ...]
    older: int | None
    newer: int | None


def read_asked(given: Mapping[str, str]) -> Asked:
    """The filter of an address."""
    return Asked(
        given.get("who", "").strip()[:150],
        given.get("what", "") if given.get("what", "") in WORDS else "",
        given.get("object", "").strip()[:200],
        _day(given.get("since", "")),
        _day(given.get("until", "")),
        _number(given.get("before", "")),
        _number(given.get("after", "")),
        tuple(_unread(given)),
    )


def _unread(given: Mapping[str, str]) -> Iterator[str]:
    """Whoever filters by what there is not must not take all rows for those that were asked for."""
    verb = given.get("what", "")
    if verb and verb not in WORDS:
        yield f"“{verb[:SHOWN]}” is no act, so the rows are not filtered by what was done."
    for name, label in (("since", "From"), ("until", "To")):
        text = given.get(name, "")
        if text and _day(text) is None:
            yield f"“{text[:SHOWN]}” is no day. Until it is one such as 2026-02-28, “{label}” filters nothing."
    for name in ("before", "after"):
        text = given.get(name, "")
        if text and _number(text) is None:
            yield f"“{text[:SHOWN]}” is no row number, so the newest rows are shown."


def chosen_rows(asked: Asked | None = None) -> QuerySet[AuditRow]:
    """The rows of a filter, newest first. Every filter is an exact one, which an index answers."""
    rows = AuditRow.objects.order_by("-sequence")
    if asked is None:
        return rows
    for column in ("who", "what", "object"):
        if value := getattr(asked, column):
            rows = rows.filter(**{column: value})
    if asked.since:
        rows = rows.filter(at__gte=_midnight(asked.since))
    if asked.until:
        rows = rows.filter(at__lt=_midnight(asked.until + timedelta(days=1)))
    return rows


def page_of_rows(rows: QuerySet[AuditRow], asked: Asked) -> AuditPage:
    """The fifty rows older than `before`, or newer than `after`; the newest without either."""
    if asked.after is not None:
        newer = list(rows.filter(sequence__gt=asked.after).order_by("sequence")[: PAGE_ROWS + 1])
        shown = newer[:PAGE_ROWS][::-1]
        return _page(shown, older=bool(shown), newer=len(newer) > PAGE_ROWS)
    older = rows if asked.before is None else rows.filter(sequence__lt=asked.before)
    found = list(older[: PAGE_ROWS + 1])
    return _page(found[:PAGE_ROWS], older=len(found) > PAGE_ROWS, newer=asked.before is not None and bool(found))


def _page(shown: list[AuditRow], *, older: bool, newer: bool) -> AuditPage:
    lines = tuple(Line(row, words(row.what), _changes(row)) for row in shown)
    return AuditPage(lines, shown[-1].sequence if older else None, shown[0].sequence if newer else None)


def _changes(row: AuditRow) -> tuple[tuple[str, str, str], ...]:
    before, after = (each if isinstance(each, dict) else {} for each in (row.before, row.after))
    names = dict.fromkeys((*before, *after))
    return tuple((name.replace("_", " "), _said(before.get(name)), _said(after.get(name))) for name in names)


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)


def csv_rows(rows: QuerySet[AuditRow]) -> Iterator[list[str]]:
    """The head, then every row as it is hashed; streamed."""
    yield list(HEAD)
    for row in rows.iterator(chunk_size=2_000):
        before, after = (
            "" if each is None else json.dumps(each, ensure_ascii=False, sort_keys=True)
            for each in (row.before, row.after)
        )
        at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
        texts = [str(row.sequence), at, row.who, row.ip, row.what, row.kind, row.object, before, after, row.result]
        run = "" if row.run is None else str(row.run)
        yield [safe(text) for text in (*texts, run, row.previous, row.hash)]


def choices(chosen: str) -> list[tuple[str, str, bool]]:
    """Every verb as name, words and whether it is chosen; in the order of the words."""
    return [(name, said, name == chosen) for name, said in sorted(WORDS.items(), key=lambda each: each[1])]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(hub().company.time_zone))


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(9000, 1, 1) else None


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else None
