"""Where the demo's two systems do not agree about a customer: somebody moved or was given other terms, and only one
side was told. Most of what is written otherwise means the same.
"""

from collections.abc import Callable, Mapping
from random import Random

from integration_hub.practice.company.firms import Firm
from integration_hub.practice.company.people import EMPLOYEES, clerk_of

SHARE, SECOND, SHORTENED, OTHER_CLERK = 0.14, 0.25, 0.3, 0.03
FORMS = {"GmbH": "AG", "AG": "GmbH", "KG": "GmbH & Co. KG", "AB": "HB", "Inc.": "LLC", "LLC": "Inc.", "Ltd": "plc"}


def terms_in_salesforce(firm: Firm) -> str:
    """The payment terms as sales people write them."""
    return f"Net {firm.behaviour.terms_days}" + (", three instalments" if firm.behaviour.instalments else "")


def stated_in_salesforce(firm: Firm) -> Mapping[str, object]:
    """Account fields that say something else than the ERP, or the same in other letters; nothing for stories."""
    rng = Random(f"differs/{firm.number}")
    stated: dict[str, object] = {}
    if rng.random() < SHORTENED:
        stated["BillingStreet"] = firm.street.replace("straße", "str.").replace("Street", "St")
    if firm.story or rng.random() > SHARE:
        return stated
    kinds = rng.sample(KINDS, 2 if rng.random() < SECOND else 1)
    for kind in kinds:
        stated |= kind(firm, rng)
    return stated


def salesperson_in_erp(firm: Firm) -> str:
    """Mostly the account's owner; for a few customers the ERP was never told that somebody else took over."""
    rng = Random(f"salesperson/{firm.number}")
    others = [each for each in EMPLOYEES if firm.land.code in each.lands]
    if firm.story or rng.random() > OTHER_CLERK or not others:
        return clerk_of(firm)
    other = rng.choice(others)
    return f"{other.last_name}, {other.first_name}"


def _moved(firm: Firm, rng: Random) -> Mapping[str, object]:
    city, postal_code = rng.choice(firm.land.cities)
    return {"BillingCity": city, "BillingPostalCode": postal_code, "BillingStreet": _other_number(firm, rng)}


def _street(firm: Firm, rng: Random) -> Mapping[str, object]:
    return {"BillingStreet": _other_number(firm, rng)}


def _other_number(firm: Firm, rng: Random) -> str:
    return f"{firm.street.rpartition(' ')[0]} {rng.randint(181, 240)}"


def _form(firm: Firm, _rng: Random) -> Mapping[str, object]:
    name, _, form = firm.name.rpartition(" ")
    return {"Name": f"{name} {FORMS[form]}"} if form in FORMS else {}


def _phone(firm: Firm, rng: Random) -> Mapping[str, object]:
    return {"Phone": f"{firm.land.dial} {rng.randint(20, 99)} {rng.randint(100_000, 999_999)}"}


def _vat(firm: Firm, _rng: Random) -> Mapping[str, object]:
    return {"VAT_Number__c": f"{firm.vat[:-2]}{firm.vat[-1]}{firm.vat[-2]}" if firm.vat else None}


def _terms(firm: Firm, _rng: Random) -> Mapping[str, object]:
    return {"Payment_Terms__c": f"Net {firm.behaviour.terms_days + 15}"}


def _limit(firm: Firm, _rng: Random) -> Mapping[str, object]:
    limit = firm.behaviour.credit_limit
    return {"Credit_Limit__c": int(limit) + 25_000} if limit and firm.currency == "EUR" else {}


KINDS: tuple[Callable[[Firm, Random], Mapping[str, object]], ...] = (
    _moved,
    _street,
    _form,
    _phone,
    _vat,
    _terms,
    _limit,
)
