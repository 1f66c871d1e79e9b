"""What a person sees and does about parked accounts: whose they are, how old, who can help, and the retry."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from integration_hub.models import ParkedRow, SfAccount
from integration_hub.push.errors import explain


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """One parked account. `owner` is the account owner's name, `who` the kind of person who can remove the reason."""

    row: ParkedRow
    account_name: str
    owner: str
    who: str
    meaning: str
    remedy: str
    age: timedelta


def parked(organization: str = "", *, cause: str = "") -> "QuerySet[ParkedRow]":
    """The accounts that are parked now, the oldest first; of one org or of all, for one cause or for all."""
    rows = ParkedRow.objects.filter(resolved_at=None).order_by("first_at", "id")
    rows = rows.filter(organization=organization) if organization else rows
    return rows.filter(cause=cause) if cause else rows


def parked_lines(rows: Iterable[ParkedRow], now: datetime) -> list[ParkedLine]:
    """The rows of one page with the names behind their ids."""
    rows = list(rows)
    accounts = SfAccount.objects.filter(key__in={row.account for row in rows}).values_list("key", "name", "owner__name")
    names = {key: (name, owner or "") for key, name, owner in accounts}
    return [_line(row, *names.get(row.account, (row.account, "")), now) for row in rows]


def _line(row: ParkedRow, name: str, owner: str, now: datetime) -> ParkedLine:
    words = explain(row.code)
    return ParkedLine(row, name, owner, who_can_help(row.code), words.meaning, words.remedy, now - row.first_at)


def who_can_help(code: str) -> str:
    """The kind of person who can remove the reason behind a code."""
    return str(explain(code).who)


def retry(ids: Collection[int]) -> int:
    """Let the next push send these rows again; returns how many accounts that are."""
    return ParkedRow.objects.filter(pk__in=ids, resolved_at=None).update(retry_asked=True)


def assign(ids: Collection[int], to: str) -> int:
    """Say which login takes care of these rows; empty for nobody. Returns how many rows that are."""
    return ParkedRow.objects.filter(pk__in=ids, resolved_at=None).update(assigned_to=to)
