"""Which accounts the demo's Salesforce has, how they are linked to ERP customers, and what is wrong with some."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Any

from integration_hub.practice.company.deals import PlannedDeal, deals_of, prospect_deals
from integration_hub.practice.company.discrepancies import stated_in_salesforce, terms_in_salesforce
from integration_hub.practice.company.firms import AURELIA, Firm, firms, slug
from integration_hub.practice.company.names import Land
from integration_hub.practice.company.parties import people_of
from integration_hub.practice.company.people import manager_of
from integration_hub.practice.company.selling_records import PlannedQuote, PlannedSale

PROSPECTS, WITHOUT_ACCOUNT, BY_ACCOUNT_ID, BOTH_SIDES, BY_VAT = 32, 9, 18, 12, 4
CONFLICTS = 2
WON_EVERY, SUSPECT_EVERY = 5, 4  # of the prospects: every so many has won a deal, has no deal at all
TEAMS = 3  # accounts of each such owner that have a team
HOLDING = "Aurelia Holding SE"


@dataclass(frozen=True, kw_only=True)
class PlannedAccount:
    """An account before it has an id. `name` is unique; `erp_number` is empty where the ERP keeps the link.

    `stated` are fields as Salesforce calls them, in place of those that follow from the others.
    """

    name: str
    land: Land
    city: str
    postal_code: str
    street: str
    industry: str
    domain: str
    phone: str
    owner: str
    since: date
    erp_number: str = ""
    parent: str = ""
    type: str = "Customer - Direct"
    stated: Mapping[str, object] = field(default_factory=dict)

    def record(self, owner: str) -> Mapping[str, Any]:
        """The fields as Salesforce calls them."""
        return {
            "Name": self.name, "OwnerId": owner, "Industry": self.industry, "Type": self.type, "Phone": self.phone,
            "Website": f"https://www.{self.domain}", "BillingStreet": self.street, "BillingCity": self.city,
            "BillingPostalCode": self.postal_code, "BillingCountry": self.land.name,
            "CreatedDate": f"{self.since.isoformat()}T08:00:00.000+0000", "ERP_Number__c": self.erp_number or None,
            **self.stated,
        }  # fmt: skip


@dataclass(frozen=True)
class PlannedContact:
    """A person at an account."""

    account: str
    owner: str
    fields: Mapping[str, str]

    def record(self, account: str, users: Mapping[str, str]) -> Mapping[str, Any]:
        """The fields as Salesforce calls them."""
        return {"AccountId": account, "OwnerId": users[self.owner], **self.fields}


@dataclass(frozen=True)
class PlannedTeamMember:
    """A colleague in an account's team, by login."""

    account: str
    user: str
    role: str

    def record(self, account: str, users: Mapping[str, str]) -> Mapping[str, Any]:
        """The fields as Salesforce calls them."""
        return {"AccountId": account, "UserId": users[self.user], "TeamMemberRole": self.role,
                "AccountAccessLevel": "Read"}  # fmt: skip


@dataclass
class Plan:
    """Everything to store in Salesforce; `crm` names the account whose id an ERP customer carries, by its number."""

    accounts: list[PlannedAccount] = field(default_factory=list)
    contacts: list[PlannedContact] = field(default_factory=list)
    opportunities: list[PlannedDeal] = field(default_factory=list)
    team: list[PlannedTeamMember] = field(default_factory=list)
    merges: list[tuple[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    crm: dict[str, str] = field(default_factory=dict)
    quotes: list[PlannedQuote] = field(default_factory=list)
    sales: list[PlannedSale] = field(default_factory=list)


def plan_accounts(seed: int, everyone: tuple[Firm, ...], today: date) -> Plan:
    """Accounts for most ERP customers, prospects besides, and every kind of trouble that linking must survive."""
    rng = Random(f"{seed}/accounts")
    plan = Plan()
    ordinary = [firm for firm in everyone if not firm.story and not firm.group]
    odd = rng.sample(ordinary, WITHOUT_ACCOUNT + BY_ACCOUNT_ID + BOTH_SIDES + CONFLICTS + 2)
    without = {firm.number for firm in odd[:WITHOUT_ACCOUNT]}
    by_id = {firm.number for firm in odd[WITHOUT_ACCOUNT : WITHOUT_ACCOUNT + BY_ACCOUNT_ID]}
    both = {firm.number for firm in odd[WITHOUT_ACCOUNT + BY_ACCOUNT_ID :][:BOTH_SIDES]}
    special = odd[WITHOUT_ACCOUNT + BY_ACCOUNT_ID + BOTH_SIDES :]
    by_vat = _linked_by_vat([firm for firm in ordinary if firm not in odd])
    names = {firm.number: firm.name for firm in everyone}
    for firm in everyone:
        if firm.number in without or firm.name in AURELIA[1:]:
            continue
        parent = HOLDING if firm.name == AURELIA[0] else names.get(firm.group, "")
        number = "" if firm.number in by_id | by_vat else firm.number
        _add(plan, firm, number, parent if parent not in {names[each] for each in without} else "")
        if firm.number in by_id | both:
            plan.crm[firm.number] = firm.name
        plan.opportunities += deals_of(firm, today)
    _add_group(plan, everyone)
    _add_trouble(plan, special, [firm for firm in ordinary if firm not in odd])
    _add_teams(plan)
    _add_prospects(plan, seed, {firm.name for firm in everyone}, today)
    return plan


def _linked_by_vat(others: list[Firm]) -> set[str]:
    """Numbers of a few customers that no key links, only their checked tax number, with name and place the same."""
    told = {"VAT_Number__c", "Name", "BillingCity"}
    found = (firm for firm in reversed(others) if firm.land.code == "DE" and not told & set(stated_in_salesforce(firm)))
    return {firm.number for firm in islice(found, BY_VAT)}


def _add(plan: Plan, firm: Firm, number: str, parent: str = "", name: str = "") -> None:
    owner = manager_of(firm).login
    plan.accounts.append(
        PlannedAccount(
            name=name or firm.name, land=firm.land, city=firm.city, postal_code=firm.postal_code, street=firm.street,
            industry=firm.industry, domain=firm.domain, phone=firm.phone, owner=owner, since=firm.since,
            erp_number=number, parent=parent, stated={} if name else _stated(firm),
        )
    )  # fmt: skip
    for who in people_of(firm) if not name else ():
        plan.contacts.append(
            PlannedContact(
                firm.name, owner,
                {"FirstName": who.first_name, "LastName": who.last_name, "Title": who.title,
                 "Department": who.department, "Email": who.email, "Phone": who.phone},
            )
        )  # fmt: skip


def _stated(firm: Firm) -> Mapping[str, object]:
    """What Salesforce keeps in fields of its own, and what it says otherwise than the ERP."""
    limit = firm.behaviour.credit_limit
    return {
        "VAT_Number__c": firm.vat or None,
        "Payment_Terms__c": terms_in_salesforce(firm),
        "Credit_Limit__c": int(limit) if limit and firm.currency == "EUR" else None,
        **stated_in_salesforce(firm),
    }


def _add_group(plan: Plan, everyone: tuple[Firm, ...]) -> None:
    """The Aurelia group: a holding that buys nothing itself, and one account for customers of both ERPs."""
    head = next(firm for firm in everyone if firm.name == AURELIA[0])
    _add(plan, head, "", name=HOLDING)
    for firm in everyone:
        if firm.name in AURELIA:
            plan.crm[firm.number] = AURELIA[0]


def _add_teams(plan: Plan) -> None:
    """Colleagues of other countries and of the other continent who help with an account."""
    helpers = {"sofie.dahl": ("luca.moretti", "Sales Rep"), "luca.moretti": ("anna.keller", "Channel Manager"),
               "emily.rhodes": ("anna.keller", "Executive Sponsor")}  # fmt: skip
    for owner, (helper, role) in helpers.items():
        theirs = [account.name for account in plan.accounts if account.owner == owner]
        plan.team += [PlannedTeamMember(name, helper, role) for name in theirs[:TEAMS]]


def _add_trouble(plan: Plan, special: list[Firm], others: list[Firm]) -> None:
    """Two conflicts (the ERP names one account, another account names the ERP), a merged and a deleted account."""
    *conflicts, merged, deleted = special
    for firm in conflicts:
        neighbour = next(other for other in others if other.land is firm.land)
        plan.crm[firm.number] = neighbour.name
    duplicate = f"{merged.name.rpartition(' ')[0]} (old record)"
    _add(plan, merged, "", name=duplicate)
    plan.merges.append((merged.name, duplicate))
    plan.crm[merged.number] = duplicate
    plan.deleted.append(deleted.name)


def _add_prospects(plan: Plan, seed: int, taken: set[str], today: date) -> None:
    """Companies that have not bought yet: found like customers are, but the ERP has never heard of them. A few have no
    deal yet; others have won one and wait for the ERP, some of these without all that a customer there needs.
    """
    found = [firm for firm in firms(seed + 1, 1, today) if not firm.story and firm.name not in taken]
    for number, firm in enumerate(found[:: max(1, len(found) // PROSPECTS)][:PROSPECTS]):
        won = number % WON_EVERY == 1
        owner = manager_of(firm).login
        since = today - timedelta(days=(int(firm.number) * 7) % 400 + 20)
        plan.accounts.append(
            PlannedAccount(
                name=firm.name, land=firm.land, city=firm.city, postal_code=firm.postal_code,
                street="" if won and number % (3 * WON_EVERY) == 1 else firm.street,
                industry=firm.industry, domain=f"{slug(firm.name)}.example", phone=firm.phone, owner=owner, since=since,
                type="Prospect",
            )
        )  # fmt: skip
        if not won or number % (2 * WON_EVERY) != 1:
            who = people_of(firm)[0]
            plan.contacts.append(
                PlannedContact(firm.name, owner, {"FirstName": who.first_name, "LastName": who.last_name,
                                                  "Title": who.title, "Email": who.email, "Phone": who.phone})
            )  # fmt: skip
        if won or number % SUSPECT_EVERY:
            plan.opportunities += prospect_deals(firm, today, won=won)
