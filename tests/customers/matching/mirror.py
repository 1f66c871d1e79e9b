"""Labelled sets as rows of the mirror, and from a file."""

import csv
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from django.utils import timezone

from customers.models import AccountLink, Customer
from integration_hub.models import ErpCustomer, SfAccount
from tests.customers.matching.corruptions import Labelled, Party

TEXTS = tuple(field.name for field in fields(Party) if field.name != "key")
YES, NO = {"1", "true", "yes", "y", "same"}, {"0", "false", "no", "n", "different"}
FILE = f"""\
A CSV in UTF-8, divided by comma, semicolon or tab, with a pair in each row:

  erp_key,erp_name,erp_vat,erp_city,account_key,account_name,account_vat,account_city,same
  10001,Halmann Maschinenbau GmbH,DE136695976,Ulm,A1,HALMANN Maschinenbau,DE 136 695 976,Ulm,yes
  10002,Zerbst Logistik GmbH,,Hamburg,A1,HALMANN Maschinenbau,DE 136 695 976,Ulm,no

"same" is yes or no, all else may be left out: {", ".join(TEXTS)}, each with
erp_ or account_ before it. One key in several rows is one record, with the same texts in each; without the column each
row has records of its own. A customer or account without a partner stands in a row whose other side is empty.
Every pair of the file that is not said to be the same counts as wrong when it is found."""


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
    """A labelled set from a CSV that looks as FILE says. Raises ValueError, in a sentence, where it looks otherwise."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not in UTF-8. Save it as CSV UTF-8.") from error
    header = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(keepends=True), delimiter=max(",;\t", key=header.count))
    _check_columns(path.name, rows.fieldnames or ())
    found: tuple[dict[str, Party], dict[str, Party]] = ({}, {})
    said: dict[tuple[str, str], bool] = {}
    for number, row in enumerate(rows, 2):
        pair = [_party(row, "erp", number), _party(row, "account", number)]
        for kept, one in zip(found, pair, strict=True):
            if one and kept.setdefault(one.key, one) != one:
                raise ValueError(f"{path.name}, row {number}: {one.key} stands in an earlier row with other texts.")
        if pair[0] and pair[1]:
            keys, same = (pair[0].key, pair[1].key), _is_same(row, f"{path.name}, row {number}")
            if said.setdefault(keys, same) != same:
                raise ValueError(f"{path.name}, row {number}: an earlier row says the opposite of this pair.")
    if True not in said.values():
        raise ValueError(f"{path.name} has no pair that is the same, so there is nothing to find.")
    customers, accounts = found
    same_pairs = frozenset(keys for keys, same in said.items() if same)
    return Labelled(tuple(customers.values()), tuple(accounts.values()), same_pairs)


def _is_same(row: dict[str, str], where: str) -> bool:
    said = (row["same"] or "").strip().lower()
    if said not in YES | NO:
        raise ValueError(f'{where}: "same" is {said!r}, neither yes nor no.')
    return said in YES


def _check_columns(name: str, columns: Sequence[str]) -> None:
    known = {f"{side}_{field}" for side in ("erp", "account") for field in ("key", *TEXTS)} | {"same"}
    unknown = sorted(set(columns) - known)
    if unknown or "same" not in columns:
        problem = f"does not know what {', '.join(unknown)} is" if unknown else 'needs the column "same"'
        raise ValueError(f"The benchmark {problem}. {name} may have: {', '.join(sorted(known))}.")


def _party(row: dict[str, str], side: str, number: int) -> Party | None:
    """One side of a row; None where all of it is empty."""
    texts = {name: (row.get(f"{side}_{name}") or "").strip() for name in TEXTS}
    key = (row.get(f"{side}_key") or "").strip()
    return Party(key=key or f"{side}:{number}", **texts) if key or any(texts.values()) else None
