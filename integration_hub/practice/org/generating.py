"""Making many records at once, for trials of size."""

from __future__ import annotations

import random
import string

from .errors import ApiError
from .fields import ObjectType, Record
from .org import Org
from .writing import blank

MOST = 5_000_000
CITIES = ("Berlin", "Hamburg", "München", "Köln", "Wien", "Zürich", "Lyon", "Porto", "Gdańsk", "Malmö")
KINDS = ("GmbH", "AG", "KG", "Ltd", "S.A.", "AB")
INDUSTRIES = ("Agriculture", "Banking", "Chemicals", "Construction", "Energy", "Machinery", "Retail", "Shipping")


def generate(org: Org, sobject: ObjectType, count: int, seed: int) -> int:
    """Add `count` accounts, or contacts spread over the accounts; the same seed gives the same values.

    ApiError 400 for another object, for more than five million, or for contacts without accounts.
    """
    if not 1 <= count <= MOST:
        raise ApiError(400, "INVALID_INPUT", f"count must be from 1 to {MOST:,}")
    chance = random.Random(seed)  # noqa: S311 - repeatable values, no secret
    template = blank(org, org.default_caller(), sobject)
    if sobject.name == "Account":
        made = (_account(chance, number) for number in range(count))
    elif sobject.name == "Contact" and org.store.rows["Account"]:
        accounts = list(org.store.rows["Account"])
        made = (_contact(chance, accounts[number % len(accounts)]) for number in range(count))
    else:
        raise ApiError(400, "INVALID_INPUT", "only Account, and Contact once there are accounts, can be generated")
    for values in made:
        org.store.put(sobject.name, {**template, "Id": org.mint.new(sobject.prefix), **values})
    return count


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(5, 10))).capitalize()


def _account(chance: random.Random, number: int) -> Record:
    return {
        "Name": f"{_word(chance)} {_word(chance)} {chance.choice(KINDS)}",
        "AccountNumber": f"G{number:07d}",
        "BillingCity": chance.choice(CITIES),
        "BillingCountry": "Germany",
        "BillingPostalCode": f"{chance.randint(1000, 99999):05d}",
        "Phone": f"+49 {chance.randint(10**8, 10**9 - 1)}",
        "Industry": chance.choice(INDUSTRIES),
        "NumberOfEmployees": chance.randint(1, 20_000),
    }


def _contact(chance: random.Random, account_id: str) -> Record:
    first, last = _word(chance), _word(chance)
    return {
        "AccountId": account_id, "FirstName": first, "LastName": last, "Name": f"{first} {last}",
        "Email": f"{first}.{last}@firm.example".lower(),
    }  # fmt: skip
