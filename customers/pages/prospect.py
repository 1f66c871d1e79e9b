"""What a customer page shows where an account has no ERP customer yet."""

from dataclasses import dataclass

from customers.access import SEE_ALL, User, role
from customers.candidates import Candidate, find_candidates
from integration_hub.config import hub


@dataclass(frozen=True)
class Prospect:
    """Candidates, whether the reader may open their pages, and the Salesforce field that makes the link."""

    candidates: tuple[Candidate, ...]
    may_open: bool
    field: str


def build_prospect(account: str, user: User) -> Prospect:
    """For an account that the user may see."""
    salesforce = hub().salesforce
    field = salesforce.erp_number_field if salesforce else "the ERP number"
    return Prospect(find_candidates(account), role(user) in SEE_ALL, field)
