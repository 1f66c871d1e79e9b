"""Founds the demo company: its Salesforce first, for the ERP keeps some account ids, then the ERP and its files."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from integration_hub.practice.company.accounts import Plan, plan_accounts
from integration_hub.practice.company.erp_database import Installation, fill, filled_with
from integration_hub.practice.company.generation import DemoCompany, generate
from integration_hub.practice.company.handed_over import handed_over
from integration_hub.practice.company.salesforce_side import PracticeAdmin, found, seed
from integration_hub.practice.company.selling import accounts_of, plan_selling, refer
from integration_hub.practice.company.us_files import deliver


@dataclass(frozen=True)
class Place:
    """Where the demo company lives: its ERP database (as owner and as reader), the drop folder, the practice org."""

    erp_admin_url: str
    erp_reader_url: str
    drop: Path
    org: PracticeAdmin
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Founded:
    """What was made: rows in the ERP's database, records in its files, accounts; user ids by login."""

    rows: int
    records: int
    accounts: int
    users: dict[str, str]


def is_there(place: Place, number: int, scale: int) -> bool:
    """Whether the company of this seed and scale is complete: database, files and accounts."""
    installed = filled_with(place.erp_admin_url)
    if installed is None or (installed.seed, installed.scale) != (number, scale):
        return False
    return any(place.drop.glob("*.done")) and place.org.accounts() > 0


def is_another(place: Place, number: int, scale: int) -> bool:
    """Whether the database holds another company: what the hub mirrored of it would stay behind."""
    installed = filled_with(place.erp_admin_url)
    return installed is not None and (installed.seed, installed.scale) != (number, scale)


def make(place: Place, number: int, scale: int, today: date) -> Founded:
    """Make the company of this seed anew, relative to today; what was there before is forgotten."""
    company = generate(number, scale, today)
    plan = plan_accounts(number, company.firms, today)
    plan.opportunities = list(handed_over(plan.opportunities, company))
    selling = plan_selling(plan.opportunities, company, accounts_of(company, plan))
    plan.quotes, plan.sales = selling.quotes, selling.sales
    refer(company, selling.references)
    users = found(place.org, place.client_id, place.client_secret)
    ids = seed(place.org, plan, users)
    _note_accounts(company, plan, ids)
    for old in place.drop.glob("*_*.csv*"):
        old.unlink()
    records = deliver(company, place.drop)
    # Last, for its row "installation" says that all is there.
    rows = fill(place.erp_admin_url, place.erp_reader_url, company, Installation(number, scale, today))
    return Founded(rows, records, len(plan.accounts), users)


def _note_accounts(company: DemoCompany, plan: Plan, ids: dict[str, str]) -> None:
    """Write the account ids that the ERPs keep, some in 15 characters as people copy them from an address bar."""
    for books in company.books.values():
        for position, debtor in enumerate(books.debtor):
            account = plan.crm.get(debtor.debtor_no)
            if account is not None:
                length = 15 if int(debtor.debtor_no) % 2 else 18
                books.debtor[position] = debtor._replace(crm_id=ids[account][:length])
