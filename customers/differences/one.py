"""One difference with its history: what was found, what was said and done about it, newest first."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User

from customers.access import hidden_columns
from customers.books import company_date
from customers.differences.acting import colleagues
from customers.differences.fields import FIELDS
from customers.differences.inbox import Choice
from customers.differences.leading import why_compared
from customers.differences.rows import DifferenceRow, Side, build_rows, sides_of
from customers.differences.shown import CLOSED_WHY, differences_for, name_of
from customers.models import Difference, DifferenceNote
from customers.pages.identity import salesforce_url
from integration_hub.models import ErpCustomer, SfAccount

MOST_NOTES = 200
HEADINGS = {
    "comment": "Comment",
    "assigned": "Assigned",
    "snoozed": "Snoozed",
    "woken": "Open again",
    "changed": "A value changed",
    "closed": "Closed by itself",
    "reopened": "Came back",
}


@dataclass(frozen=True)
class Entry:
    """One line of the history; `before` are both values as they were until a change."""

    at: datetime
    heading: str
    by: str
    text: str
    before: tuple[Side, Side] | None


@dataclass(frozen=True)
class OneDifference:
    """Everything about one difference. `why_this` says which of several ERP customers is compared, and why. The read
    times are those of the mirror.
    """

    row: DifferenceRow
    how: str
    why_this: str
    first_seen: datetime
    last_seen: date
    closed_why: str
    closed_at: datetime | None
    assignee: str
    history: tuple[Entry, ...]
    colleagues: tuple[Choice, ...]
    siblings: int
    salesforce_url: str
    erp_read: datetime | None
    salesforce_read: datetime | None
    today: date


def find_difference(user: User, pk: int) -> Difference | None:
    """A difference that the user may see."""
    return differences_for(user).filter(pk=pk).select_related("customer", "assignee").first()


def build_one(user: User, difference: Difference) -> OneDifference:
    """The page of a difference that `find_difference` gave."""
    today = company_date()
    notes = list(DifferenceNote.objects.filter(difference=difference)[:MOST_NOTES])
    siblings = differences_for(user).filter(customer=difference.customer, closed_at=None).exclude(pk=difference.pk)
    field = FIELDS.get(difference.field)
    return OneDifference(
        row=build_rows([difference], today)[0],
        how=field.how if field and field.name not in hidden_columns(user) else "",
        why_this="" if difference.closed_at else why_compared(difference.account, difference.erp_customer),
        first_seen=difference.first_seen_at,
        last_seen=difference.last_seen_on,
        closed_why=CLOSED_WHY.get(difference.closed_why, ""),
        closed_at=difference.closed_at,
        assignee=difference.assignee.get_username() if difference.assignee else "",
        history=tuple(_entry(difference, note) for note in notes),
        colleagues=tuple(Choice(one.get_username(), name_of(one), one == difference.assignee) for one in colleagues()),
        siblings=siblings.count(),
        salesforce_url=salesforce_url(difference.account),
        erp_read=ErpCustomer.objects.filter(key=difference.erp_customer).values_list("synced_at", flat=True).first(),
        salesforce_read=SfAccount.objects.filter(key=difference.account).values_list("synced_at", flat=True).first(),
        today=today,
    )


def _entry(difference: Difference, note: DifferenceNote) -> Entry:
    changed = note.kind == "changed"
    before = sides_of(difference.field, note.erp_value, note.salesforce_value, difference.master) if changed else None
    text = CLOSED_WHY.get(note.text, note.text) if note.kind == "closed" else note.text
    return Entry(note.at, HEADINGS.get(note.kind, note.kind), note.by_name, text, before)
