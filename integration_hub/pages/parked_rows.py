"""What the pages show of parked accounts, as dataclasses: why they wait, since when, whose they are, who can help."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from integration_hub.models import ParkedRow
from integration_hub.pages.error_words import Words, words_for
from integration_hub.pages.push_rows import field_labels, number_fields, shown
from integration_hub.push.parked_rows import ParkedLine, parked_lines

FILTERS = {"": "Waiting", "resolved": "Resolved"}


@dataclass(frozen=True)
class CauseLine:
    """All accounts that Salesforce refused for one reason. `fields` are labels; `text` is Salesforce's own, of one row.

    `accounts` counts those that wait (or were resolved); `asked` of them go out with the next push because somebody
    asked; `unassigned` have nobody who takes care.
    """

    cause: str
    code: str
    text: str
    fields: tuple[str, ...]
    accounts: int
    oldest: datetime
    age_days: int
    last: datetime
    asked: int
    unassigned: int
    words: Words | None


@dataclass(frozen=True)
class ParkedValue:
    """One value that was refused; None would have cleared the field."""

    label: str
    value: str | None


@dataclass(frozen=True)
class PageLine:
    """One parked account: whose it is, since when it waits, and with which values."""

    known: ParkedLine
    values: tuple[ParkedValue, ...]

    @property
    def age_days(self) -> int:
        """Whole days since it was refused first."""
        return self.known.age.days


def parked(show: str) -> "QuerySet[ParkedRow]":
    """The rows that wait, or with "resolved" those that were accepted or given up since."""
    return ParkedRow.objects.filter(resolved_at__isnull=show != "resolved")


def causes(rows: "QuerySet[ParkedRow]") -> "QuerySet[ParkedRow, Any]":
    """The rows by their cause, the one with most accounts first."""
    counted = (
        rows.order_by()
        .values("cause", "code")
        .annotate(
            accounts=Count("id"),
            oldest=Min("first_at"),
            last=Max("last_at"),
            sample=Min("id"),
            asked=Count("id", filter=Q(retry_asked=True)),
            unassigned=Count("id", filter=Q(assigned_to="")),
        )
    )
    return counted.order_by("-accounts", "cause")


def cause_lines(rows: Iterable[dict[str, Any]], now: datetime) -> list[CauseLine]:
    """The causes of one page; the text is that of the row parked first."""
    rows = list(rows)
    samples = ParkedRow.objects.in_bulk([row["sample"] for row in rows])
    labels = field_labels()
    return [_cause_line(row, samples[row["sample"]], labels, now) for row in rows]


def _cause_line(row: dict[str, Any], sample: ParkedRow, labels: dict[str, str], now: datetime) -> CauseLine:
    return CauseLine(
        row["cause"],
        row["code"],
        sample.text,
        tuple(labels.get(name, name) for name in sample.values),
        row["accounts"],
        row["oldest"],
        (now - row["oldest"]).days,
        row["last"],
        row["asked"],
        row["unassigned"],
        words_for(row["code"]),
    )


def page_lines(rows: Sequence[ParkedRow], now: datetime) -> list[PageLine]:
    """The parked accounts of one page with their names and owners."""
    labels, numbers = field_labels(), number_fields()
    return [
        PageLine(
            line,
            tuple(
                ParkedValue(labels.get(name, name), shown(value, numeric=name in numbers))
                for name, value in line.row.values.items()
            ),
        )
        for line in parked_lines(rows, now)
    ]
