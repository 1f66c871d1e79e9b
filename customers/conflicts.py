"""Accounts whose ERP customer is in conflict: there, but what is stored or decided about it contradicts itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from customers.statements import fetch_planned


@dataclass(frozen=True)
class Conflict:
    """An ERP customer that is linked to nobody because of it, and an account that it concerns; `detail` names all of
    them, also accounts that not everybody may see.
    """

    account: str
    erp_customer: str
    number: str
    name: str
    detail: str

    @property
    def label(self) -> str:
        """The ERP customer by number and name."""
        return f"{self.number} {self.name}".strip()


def conflicts_of(accounts: Sequence[str]) -> tuple[Conflict, ...]:
    """The conflicts that concern these accounts."""
    return tuple(Conflict(*row) for row in fetch_planned("conflicts_of_accounts", accounts=list(accounts)))
