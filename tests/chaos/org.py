"""The Salesforce of the run: accounts that name customers of the ERP, people who edit them, and answers that fail."""

import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.plain import plain
from tests.practice_org import PracticeOrg

NUMBER = "ERP_Number__c"
REVENUE, OVERDUE, COUNT, AS_OF, CURRENCY = (
    "ERP_Revenue_This_Year__c",
    "ERP_Overdue_Amount__c",
    "ERP_Overdue_Invoices__c",
    "ERP_Figures_As_Of__c",
    "ERP_Figures_Currency__c",
)
PUSHED: Mapping[str, str] = {
    REVENUE: "revenue_ytd",
    OVERDUE: "overdue_amount",
    COUNT: "overdue_count",
    AS_OF: "as_of",
    CURRENCY: "currency",
}
AMOUNT: Mapping[str, Any] = {"type": "currency", "precision": 18, "scale": 2}
FIELDS: tuple[Mapping[str, Any], ...] = (
    {"name": NUMBER, "label": "ERP number", "type": "string", "length": 40, "externalId": True, "unique": True},
    {"name": REVENUE, "label": "Revenue", **AMOUNT},
    {"name": OVERDUE, "label": "Overdue", **AMOUNT},
    {"name": COUNT, "label": "Overdue invoices", "type": "double", "precision": 18, "scale": 0},
    {"name": AS_OF, "label": "As of", "type": "date"},
    {"name": CURRENCY, "label": "Currency", "type": "string", "length": 3},
    {"name": "Credit_Note__c", "label": "Nothing of ours", "type": "string", "length": 40},
)
WATCHED = (*PUSHED, NUMBER, "Credit_Note__c", "Name", "Phone")
COLLEAGUE = "colleague@practice.example"
FAULTS: tuple[Mapping[str, Any], ...] = (
    {"fault": "server_unavailable", "probability": 0.03},
    {"fault": "connection_reset", "probability": 0.02},
    {"fault": "concurrent_limit", "probability": 0.01},
    {"fault": "status_429", "probability": 0.01},
    {"fault": "unauthorized", "probability": 0.01},
    {"fault": "expire_session", "probability": 0.01},
    {"fault": "html_200", "probability": 0.01},
    # The work is done, its answer is lost.
    {"fault": "cut_body", "probability": 0.03},
    {"fault": "truncated_gzip", "probability": 0.02},
    {"fault": "hang", "probability": 0.004, "seconds": 2.5},
    {"fault": "lock_rows", "probability": 0.9, "share": 0.3},
    {"fault": "reject_rows", "probability": 0.1, "share": 0.2, "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION"},
    {"fault": "job_half_processed", "probability": 0.1},
    {"fault": "job_failed", "probability": 0.04},
    {"fault": "duplicate_page", "probability": 0.02},
)
Line = Mapping[str, Any]


class Salesforce:
    """What the driver does in the org, and what it knows of it."""

    def __init__(self, org: PracticeOrg, random: Random, customers: int) -> None:
        self.org, self.random = org, random
        self.customers = customers
        self.accounts: list[str] = []
        self.seen: dict[tuple[str, str], dict[str | None, float]] = {}
        """When it was seen last that a field of an account was given a value (monotonic)."""
        self.integration_user = ""

    def found(self, secret_of: Mapping[str, str]) -> None:
        """Accounts for three customers out of four, and some that name none."""
        self.org.admin("reset")
        self.org.admin("fields", {"sobject": "Account", "fields": list(FIELDS)})
        self.org.admin("users_app", {**secret_of, "username": self.org.username})
        numbers = [str(100 + place) for place in range(self.customers) if place % 4]
        records = [{"Name": f"Account {number}", NUMBER: number} for number in numbers]
        records += [{"Name": f"Prospect {place}"} for place in range(8)]
        self.accounts = self.org.seed("Account", *records)
        self.org.admin("track_history", {"sobject": "Account", "fields": list(WATCHED)})
        users = self.org.records("User")
        self.integration_user = next(user["Id"] for user in users if user["Username"] == self.org.username)

    def misbehave(self, seed: int) -> None:
        """From now on calls fail by chance."""
        self.behave()
        for place, fault in enumerate(FAULTS):
            self.org.admin("faults", {**fault, "seed": seed * 100 + place})

    def lock_some_rows(self) -> None:
        """From now on, of every write some rows are locked."""
        self.org.admin("faults", {"fault": "lock_rows", "probability": 1, "share": 0.3})

    def behave(self) -> None:
        """From now on every call is answered."""
        self.org.admin("faults", method="DELETE")

    def fired(self) -> dict[str, int]:
        """How often each fault has struck since `misbehave`."""
        return {each["fault"]: each["fired"] for each in self.org.admin("faults", method="GET") if each["fired"]}

    def mutate(self) -> str:
        """What people do: edit a figure by hand, hand a customer number to another account, rename."""
        kind = self.random.choices(("hand_edit", "renumber", "rename"), (3, 2, 2))[0]
        account = self.random.choice(self.accounts)
        if kind == "hand_edit":
            self._edit(account, {OVERDUE: f"{self.random.randrange(10_000)}.00"})
        elif kind == "rename":
            self._edit(account, {"Phone": f"+49 {self.random.randrange(10**8)}"})
        else:
            self._renumber()
        return kind

    def _renumber(self) -> None:
        numbers = {each["Id"]: each.get(NUMBER) for each in self.org.records("Account")}
        named = [account for account in self.accounts if numbers[account]]
        other = self.random.choice([account for account in self.accounts if not numbers[account]])
        account = self.random.choice(named)
        self._edit(account, {NUMBER: None})
        self._edit(other, {NUMBER: numbers[account]})

    def _edit(self, account: str, values: Mapping[str, Any]) -> None:
        self.org.admin("edit", {"sobject": "Account", "id": account, "values": values, "user": COLLEAGUE})

    def edit_many(self) -> None:
        """Change a pushed figure of many accounts by hand, so that the next push has something to put right."""
        for account in self.accounts[: self.customers // 2]:
            self._edit(account, {OVERDUE: f"{self.random.randrange(10_000)}.00"})

    def users(self) -> dict[str, Line]:
        """Every user by id."""
        return {each["Id"]: each for each in self.org.records("User")}

    def writes(self) -> list[str]:
        """Calls since `forget_calls` that could have written accounts."""
        return [
            f"{call['method']} {call['path']}"
            for call in self.org.calls()
            if call["method"] != "GET" and any(part in call["path"] for part in ("/sobjects", "/jobs/ingest"))
        ]

    def stored(self) -> dict[str, Line]:
        """Every live account by its id."""
        return {each["Id"]: each for each in self.org.records("Account") if not each.get("IsDeleted")}

    def history(self) -> Sequence[Line]:
        """What changed since this was last asked: one line for each field, with who changed it."""
        lines = self.org.records("AccountHistory")
        for line in lines:
            self.seen.setdefault((line["AccountId"], line["Field"]), {})[plain(line["NewValue"])] = time.monotonic()
        if lines:
            self.org.admin("hard_delete", {"sobject": "AccountHistory", "ids": [line["Id"] for line in lines]})
        return lines
