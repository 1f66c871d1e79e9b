"""Labelled sets as rows of the mirror, and from a file."""

import csv
from dataclasses import fields
from pathlib import Path

from django.utils import timezone

from customers.models import AccountLink, Customer
from integration_hub.models import ErpCustomer, SfAccount
from tests.customers.matching.corruptions import Labelled, Party

TEXTS = tuple(field.name for field in fields(Party) if field.name != "key")
YES = {"1", "true", "yes", "y", "same"}


def fill(parties: Labelled) -> None:
    """ERP customers without an account, and accounts, added to the mirror. Keys of accounts must be 18 characters or
    fewer.
    """
    now = timezone.now()
    ErpCustomer.objects.bulk_create(
        [ErpCustomer(source="erp", synced_at=now, **_erp(each)) for each in parties.customers], batch_size=5000
    )
    SfAccount.objects.bulk_create(
        [SfAccount(source="salesforce", synced_at=now, **_account(each)) for each in parties.accounts], batch_size=5000
    )
    alone = Customer.objects.bulk_create(
        [Customer(erp_customer=each.key, name=each.name) for each in parties.customers], batch_size=5000
    )
    AccountLink.objects.bulk_create(
        [AccountLink(erp_customer=str(each.erp_customer), customer=each, status="unlinked") for each in alone],
        batch_size=5000,
    )


def _erp(party: Party) -> dict[str, str]:
    same = {name: getattr(party, name) for name in TEXTS if name != "vat"}
    return {"key": party.key, "vat_id": party.vat, **same}


def _account(party: Party) -> dict[str, object]:
    place = {f"billing_{name}": getattr(party, name) for name in ("street", "postal_code", "city", "country")}
    return {
        "key": party.key,
        "name": party.name,
        "account_number": party.number,
        "phone": party.phone,
        "website": party.website or party.email,
        "custom_fields": {"VAT__c": party.vat},
        **place,
    }


def from_file(path: Path) -> Labelled:
    """A labelled set from a CSV: a pair in each row, with the columns erp_<field> and account_<field> for the fields of
    Party, and `same`. Without erp_key and account_key each row has records of its own.

    Raises ValueError where the column "same" is missing.
    """
    customers: dict[str, Party] = {}
    accounts: dict[str, Party] = {}
    same: set[tuple[str, str]] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if "same" not in (rows.fieldnames or ()):
            raise ValueError(f'{path} has no column "same"')
        for number, row in enumerate(rows):
            erp, account = _party(row, "erp", number), _party(row, "account", number)
            customers[erp.key], accounts[account.key] = erp, account
            if row["same"].strip().lower() in YES:
                same.add((erp.key, account.key))
    return Labelled(tuple(customers.values()), tuple(accounts.values()), frozenset(same))


def _party(row: dict[str, str], side: str, number: int) -> Party:
    texts = {name: (row.get(f"{side}_{name}") or "").strip() for name in TEXTS}
    return Party(key=row.get(f"{side}_key") or f"{side}:{number}", **texts)
