"""Owners and accounts of a data set in the practice org, linked to the ERP by customer number."""

import csv
from pathlib import Path
from typing import Any

from tests.practice_org import PracticeOrg

NUMBERS = ("ERP_Overdue_Invoices__c", "ERP_Late_Orders__c")
AMOUNTS = (
    "ERP_Revenue_Last_Year__c",
    "ERP_Overdue_Amount__c",
    "ERP_Order_Intake__c",
    "ERP_Orders_Received__c",
    "ERP_Open_Orders__c",
    "ERP_Open_Amount__c",
)
FIELDS: list[dict[str, Any]] = [
    {"name": "ERP_Number__c", "type": "string", "length": 40, "externalId": True, "unique": True},
    *({"name": name, "type": "currency", "precision": 18, "scale": 4} for name in AMOUNTS),
    *({"name": name, "type": "double", "precision": 18, "scale": 0} for name in NUMBERS),
    {"name": "ERP_Figures_As_Of__c", "type": "date"},
    {"name": "ERP_Last_Order_Date__c", "type": "date"},
    {"name": "ERP_Figures_Currency__c", "type": "string", "length": 3},
]


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of one file of a data set."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seed_org(org: PracticeOrg, folder: Path) -> None:
    """One role and one user for each owner, as deep as their managers go, and one account for each ERP customer."""
    org.admin("fields", {"sobject": "Account", "fields": FIELDS})
    owners = _managers_first(rows_of(folder, "owners.csv"))
    for owner in owners:
        key, boss = owner["owner_id"], owner["manager_id"]
        above = {"ParentRoleId": {"ref": f"role-{boss}"}} if boss else {}
        org.seed("UserRole", {"Name": f"{owner['jobTitle']} {key}"[:80], "_ref": f"role-{key}"} | above)
        first, _, last = owner["name"].partition(" ")
        user = {
            "Username": f"owner{key}@example.com",
            "FirstName": first,
            "LastName": last or first,
            "Email": f"owner{key}@example.com",
            "IsActive": True,
            "UserRoleId": {"ref": f"role-{key}"},
            "_ref": f"user-{key}",
        }
        org.seed("User", user)
    boss = owners[0]["owner_id"]
    accounts = [
        {
            "Name": row["name"],
            "ERP_Number__c": row["customer_id"],
            "OwnerId": {"ref": f"user-{row['owner_id'] or boss}"},
        }
        for row in rows_of(folder, "customers.csv")
    ]
    org.seed("Account", *accounts)


def _managers_first(owners: list[dict[str, str]]) -> list[dict[str, str]]:
    done: list[dict[str, str]] = []
    known = {""}
    while len(done) < len(owners):
        ready = [row for row in owners if row not in done and row["manager_id"] in known]
        done += ready
        known |= {row["owner_id"] for row in ready}
    return done
