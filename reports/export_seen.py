"""What the maker of an export saw, kept with it: a file is handed only to whoever still sees all that is in it."""

from typing import Any

from customers.access import User, hidden_columns, sees_all, visible
from customers.models import Customer
from reports.models import ExportJob

HIDDEN = "It holds figures that your role does not see any more. Make the export anew: it then has what you may see."
NARROWED = "It holds customers that you do not see any more. Make the export anew: it then has those that you see."
UNKNOWN = "It was made before it was kept what its maker saw, and you do not see everything. Make the export anew."


def seen_by(user: User) -> dict[str, Any]:
    """What the user sees now: the hidden columns, and the customers by key, None for all. The scope as a text would not
    do: it stays the same when a customer goes to another owner.
    """
    own = None if sees_all(user) else sorted(_live(user))
    return {"hidden": sorted(hidden_columns(user)), "customers": own}


def why_not(job: ExportJob, user: User) -> str:
    """Why the user may not have what was exported; empty where nothing is in the way. Customers that are gone since do
    not matter.
    """
    seen, everything, hidden = job.seen, sees_all(user), hidden_columns(user)
    if not seen:
        return UNKNOWN if hidden or not everything else ""
    if hidden - set(seen["hidden"]):
        return HIDDEN
    if everything:
        return ""
    if seen["customers"] is None:
        return NARROWED
    there = set(Customer.objects.filter(pk__in=seen["customers"], gone_at=None).values_list("pk", flat=True))
    return NARROWED if there - _live(user) else ""


def _live(user: User) -> set[int]:
    return set(visible(Customer.objects.filter(gone_at=None), user).values_list("pk", flat=True))
