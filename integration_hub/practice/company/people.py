"""The sales people of the demo company, their roles, and who looks after which customer."""

from random import Random
from typing import NamedTuple

from integration_hub.practice.company.firms import Firm


class Employee(NamedTuple):
    """A Salesforce user; `role` names a role of ROLES. `lands` are the countries an account manager looks after."""

    login: str
    first_name: str
    last_name: str
    title: str
    role: str
    lands: tuple[str, ...] = ()
    active: bool = True

    @property
    def email(self) -> str:
        """The address under which Salesforce knows them."""
        return f"{self.login}@halden-components.example"


# role, name, parent role
ROLES = (
    ("vp", "VP Sales", ""),
    ("emea", "Sales Manager Europe", "vp"),
    ("americas", "Sales Manager Americas", "vp"),
    ("emea_am", "Account Manager Europe", "emea"),
    ("americas_am", "Account Manager Americas", "americas"),
    ("operations", "Sales Operations", ""),
)
EMPLOYEES = (
    Employee("helena.brandt", "Helena", "Brandt", "VP Sales", "vp"),
    Employee("marc.oberlaender", "Marc", "Oberländer", "Sales Manager Europe", "emea"),
    Employee("denise.carter", "Denise", "Carter", "Sales Manager Americas", "americas"),
    Employee("anna.keller", "Anna", "Keller", "Account Manager", "emea_am", ("DE", "AT")),
    Employee("jonas.weber", "Jonas", "Weber", "Account Manager", "emea_am", ("DE", "CH")),
    Employee("sofie.dahl", "Sofie", "Dahl", "Account Manager", "emea_am", ("SE", "PL", "NL", "GB")),
    Employee("luca.moretti", "Luca", "Moretti", "Account Manager", "emea_am", ("IT", "FR", "JP")),
    Employee("emily.rhodes", "Emily", "Rhodes", "Account Manager", "americas_am", ("US",)),
    Employee("david.nguyen", "David", "Nguyen", "Account Manager", "americas_am", ("US", "CA")),
    Employee("peter.vogt", "Peter", "Vogt", "Account Manager (left)", "emea_am", (), active=False),
    Employee("priya.nair", "Priya", "Nair", "Sales Analyst", "operations"),
    Employee("admin", "Ines", "Kramer", "Salesforce Administrator", "operations"),
)
# The showpiece customers that the newcomer logs in to see.
HERS = ("Lindqvist Marin AB", "Van der Meer Pompen B.V.", "Ferrovia Meccanica S.p.A.")


def manager_of(firm: Firm) -> Employee:
    """The account manager of a customer; a few still belong to somebody who left."""
    if firm.name in HERS or (firm.story and firm.land.code in {"DE", "AT"}):
        return next(each for each in EMPLOYEES if each.login == "anna.keller")
    rng = Random(f"owner/{firm.number}")
    if not firm.story and firm.company == "10" and rng.random() < 0.03:
        return next(each for each in EMPLOYEES if not each.active)
    return rng.choice([each for each in EMPLOYEES if firm.land.code in each.lands])


def clerk_of(firm: Firm) -> str:
    """The name of the account manager as the ERP writes it."""
    who = manager_of(firm)
    return f"{who.first_name} {who.last_name}"
