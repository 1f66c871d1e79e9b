"""What a customer page shows where an account has no ERP customer yet."""

from dataclasses import dataclass
from datetime import date

from customers.access import SEE_ALL, User, role
from customers.candidates import Candidate, find_candidates
from customers.conflicts import Conflict
from customers.pages.scope import Scope
from integration_hub.config import hub


@dataclass(frozen=True)
class Prospect:
    """Candidates and ERP customers in conflict, whether the reader may open their pages, and the Salesforce field that
    makes the link. `day` is the past day that the page shows: then there is nothing to do about it.
    """

    candidates: tuple[Candidate, ...]
    conflicts: tuple[Conflict, ...]
    may_open: bool
    field: str
    day: date | None


def build_prospect(scope: Scope, user: User) -> Prospect:
    """For an account without ERP customer that the user may see."""
    salesforce = hub().salesforce
    field = salesforce.erp_number_field if salesforce else "the ERP number"
    # What is in conflict is decided on its own page.
    torn = {one.number for one in scope.identity.conflicts}
    found = () if scope.past else find_candidates(scope.identity.account)
    candidates = tuple(each for each in found if each.number not in torn)
    day = scope.as_of if scope.past else None
    return Prospect(candidates, scope.identity.conflicts, role(user) in SEE_ALL, field, day)
