"""The list of deputies: who stood, stands or will stand in for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User

from customers import appointing, books, formats
from customers.models import Deputy
from integration_hub.models import SfUser


@dataclass(frozen=True)
class DeputyRow:
    """One appointment; `ends_it` says that the reader may end it now."""

    pk: int
    absent: str
    deputy: str
    begins_on: date
    ends_on: date
    state: str
    css: str
    note: str
    ends_it: bool


def build_rows(user: User, rows: Sequence[Deputy]) -> tuple[DeputyRow, ...]:
    """The appointments as the user sees them."""
    names = dict(SfUser.objects.filter(key__in={row.absent for row in rows}).values_list("key", "name"))
    return tuple(_row(user, row, names.get(row.absent) or row.absent) for row in rows)


def _row(user: User, row: Deputy, absent: str) -> DeputyRow:
    state, css = _state(row)
    return DeputyRow(
        pk=row.pk,
        absent=absent,
        deputy=_name(row.deputy),
        begins_on=row.begins_on,
        ends_on=row.ends_on,
        state=state,
        css=css,
        note=_note(row),
        ends_it=not books.is_over(row) and appointing.may_end(user, row),
    )


def _state(row: Deputy) -> tuple[str, str]:
    if row.ended_at is not None:
        return "Ended early", ""
    if books.is_over(row):
        return "Over", ""
    return ("Now", "pill-good") if row.begins_on <= books.company_date() else ("Planned", "pill-seg")


def _note(row: Deputy) -> str:
    made = f"by {_name(row.created_by)} on {formats.day(row.created_at.date())}" if row.created_by else ""
    ended = f"ended by {_name(row.ended_by)} on {formats.day(row.ended_at.date())}" if row.ended_at else ""
    return "; ".join(filter(None, (made, ended)))


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""
