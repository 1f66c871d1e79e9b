"""The demo company's Salesforce: people, accounts, contacts and opportunities, sent to the practice org over HTTP."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from integration_hub.practice.company.accounts import Plan
from integration_hub.practice.company.people import EMPLOYEES, ROLES

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
BATCH = 500
AMOUNT: Mapping[str, Any] = {"type": "currency", "precision": 18, "scale": 2}
COUNT: Mapping[str, Any] = {"type": "double", "precision": 18, "scale": 0}
FIELDS: tuple[Mapping[str, Any], ...] = (
    {
        "name": "ERP_Number__c",
        "label": "ERP number",
        "type": "string",
        "length": 40,
        "externalId": True,
        "unique": True,
    },
    {"name": "VAT_Number__c", "label": "VAT number", "type": "string", "length": 40},
    {"name": "Payment_Terms__c", "label": "Payment terms", "type": "string", "length": 80},
    {"name": "Credit_Limit__c", "label": "Credit limit", **AMOUNT},
    {"name": "ERP_Revenue_Last_Year__c", "label": "ERP revenue last year", **AMOUNT},
    {"name": "ERP_Revenue_This_Year__c", "label": "ERP revenue this year", **AMOUNT},
    {"name": "ERP_Overdue_Amount__c", "label": "ERP overdue amount", **AMOUNT},
    {"name": "ERP_Average_Deal_Size__c", "label": "Average deal size", **AMOUNT},
    {"name": "ERP_Overdue_Invoices__c", "label": "ERP overdue invoices", **COUNT},
    {"name": "ERP_Oldest_Overdue_Days__c", "label": "ERP oldest overdue, days", **COUNT},
    {"name": "ERP_Last_Order_Date__c", "label": "ERP last order", "type": "date"},
    {"name": "ERP_Segment__c", "label": "ERP segment", "type": "string", "length": 80},
    {"name": "ERP_RFM_Segment__c", "label": "ERP RFM segment", "type": "string", "length": 40},
    {"name": "ERP_RFM_Score__c", "label": "ERP RFM score", "type": "string", "length": 10},
    {"name": "ERP_RFM_Since__c", "label": "ERP RFM segment since", "type": "date"},
    {"name": "ERP_Saved_Segments__c", "label": "ERP saved segments", "type": "string", "length": 255},
    {"name": "ERP_Saved_Segments_Since__c", "label": "ERP saved segments since", "type": "date"},
    {"name": "ERP_Status__c", "label": "ERP status", "type": "string", "length": 20},
    {"name": "ERP_Figures_As_Of__c", "label": "ERP figures as of", "type": "date"},
    {"name": "ERP_Figures_Currency__c", "label": "ERP figures currency", "type": "string", "length": 3},
)

NUMBER: Mapping[str, Any] = {"type": "string", "length": 120}
DEAL_FIELDS: tuple[Mapping[str, Any], ...] = (
    {"name": "ERP_Order_Number__c", "label": "ERP order number", **NUMBER},
    {"name": "Customer_PO__c", "label": "Customer's order number", **NUMBER},
    {"name": "ERP_Quote_Number__c", "label": "ERP quote number", **NUMBER},
)
QUOTE_FIELDS: tuple[Mapping[str, Any], ...] = ({"name": "ERP_Quote_Number__c", "label": "ERP quote number", **NUMBER},)


@dataclass(frozen=True)
class PracticeAdmin:
    """The administration of a practice org. Only one on this machine is ever spoken to."""

    url: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise ValueError(f"{self.url} is no practice org: the demo company only goes to one on this machine.")

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """POST the body, or GET without one. Raises OSError when the org does not answer or refuses."""
        data = None if body is None else json.dumps(body, default=str).encode()
        request = Request(f"{self.url}/practice/{path}", data, {"Content-Type": "application/json"})  # noqa: S310 - http on this machine, see above
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def store(self, sobject: str, records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Store records; their ids in the same order."""
        ids: list[str] = []
        for start in range(0, len(records), BATCH):
            body = {"sobject": sobject, "records": list(records[start : start + BATCH])}
            ids += self.ask("records", body)["ids"]
        return ids

    def user_ids(self) -> dict[str, str]:
        """The ids of the demo company's people by login."""
        ids = {user["Username"]: user["Id"] for user in self.ask("records?sobject=User")}
        return {who.login: ids[who.email] for who in EMPLOYEES if who.email in ids}

    def accounts(self) -> int:
        """How many accounts the org holds, deleted ones included."""
        return len(self.ask("records?sobject=Account"))


def found(admin: PracticeAdmin, client_id: str, client_secret: str) -> dict[str, str]:
    """Empty the org, give it fields, the client app, roles and users; the users' ids by login."""
    admin.ask("reset", {})
    admin.ask("fields", {"sobject": "Account", "fields": list(FIELDS)})
    admin.ask("fields", {"sobject": "Opportunity", "fields": list(DEAL_FIELDS)})
    admin.ask("fields", {"sobject": "Quote", "fields": list(QUOTE_FIELDS)})
    app = {"client_id": client_id, "client_secret": client_secret, "username": "integration@practice.example"}
    admin.ask("users_app", app)
    roles: dict[str, str] = {}
    for role, name, parent in ROLES:
        roles[role] = admin.store("UserRole", [{"Name": name, "ParentRoleId": roles.get(parent)}])[0]
    users = [
        {
            "Username": who.email, "FirstName": who.first_name, "LastName": who.last_name, "Email": who.email,
            "Alias": who.login[:8], "Title": who.title, "UserRoleId": roles[who.role], "IsActive": who.active,
        }
        for who in EMPLOYEES
    ]  # fmt: skip
    return dict(zip((who.login for who in EMPLOYEES), admin.store("User", users), strict=True))


def seed(admin: PracticeAdmin, plan: Plan, users: Mapping[str, str]) -> dict[str, str]:
    """Store accounts, contacts and opportunities, then merge and delete; the accounts' ids by name."""
    records = [account.record(users[account.owner]) for account in plan.accounts]
    ids = dict(zip((account.name for account in plan.accounts), admin.store("Account", records), strict=True))
    parents = [{"Id": ids[each.name], "ParentId": ids[each.parent]} for each in plan.accounts if each.parent]
    admin.store("Account", parents)
    admin.store("Contact", [each.record(ids[each.account], users) for each in plan.contacts])
    deals = admin.store("Opportunity", [each.record(ids[each.account], users) for each in plan.opportunities])
    _sell(admin, plan, ids, deals, users)
    admin.store("AccountTeamMember", [each.record(ids[each.account], users) for each in plan.team])
    for winner, loser in plan.merges:
        admin.ask("merge", {"sobject": "Account", "winner": ids[winner], "loser": ids[loser]})
    admin.ask("delete", {"sobject": "Account", "ids": [ids[name] for name in plan.deleted]})
    return ids


def _sell(
    admin: PracticeAdmin, plan: Plan, accounts: Mapping[str, str], deals: Sequence[str], users: Mapping[str, str]
) -> None:
    """Store quotes, say which one each opportunity is synced with, and store Salesforce orders."""
    owners = {account.name: users[account.owner] for account in plan.accounts}
    made = admin.store(
        "Quote", [each.record(accounts[each.account], deals[each.deal], owners[each.account]) for each in plan.quotes]
    )
    synced = [
        {
            "Id": deals[quote.deal],
            "SyncedQuoteId": key,
            "SystemModstamp": plan.opportunities[quote.deal].record("", users)["CreatedDate"],
        }
        for quote, key in zip(plan.quotes, made, strict=True)
        if quote.synced
    ]
    admin.store("Opportunity", synced)
    quotes = dict(zip((each.number for each in plan.quotes), made, strict=True))
    admin.store(
        "Order",
        [
            each.record(
                accounts[each.account],
                "" if each.deal is None else deals[each.deal],
                quotes.get(each.quote, ""),
                owners[each.account],
            )
            for each in plan.sales
        ],
    )
