"""Tax and registration numbers: brought into one form and checked by python-stdnum."""

import re
from functools import cache
from string import ascii_uppercase
from typing import NamedTuple, Protocol

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from customers.matching.letters import code

# Countries whose VAT numbers have a check digit that python-stdnum computes. EL and XI are the VAT prefixes of Greece
# and Northern Ireland.
CHECKED = frozenset(
    {
        *("AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IT"),
        *("LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
PREFIXES = {"EL": "GR", "XI": "GB"}
LOOKS_LIKE_ONE = re.compile(r"[A-Z]{2}[0-9A-Z]{7,13}")
# What Swiss numbers say of the tax, in four languages.
SWISS_END = re.compile(r"(MWST|TVA|IVA|TPV|VAT)$")
SHORTEST = 6


class TaxId(NamedTuple):
    """A tax number in one form, with the two letters of its country where these are known, and whether it passes the
    check of its country.
    """

    number: str
    checked: bool


def tax_id(text: str, country: str) -> TaxId | None:
    """The number in one form; None where there is none, or one that stands for none such as 000000000.

    `country` is that of the record, for numbers that name none.
    """
    number = code(text)
    digits = re.sub(r"\D", "", number)
    if len(number) < SHORTEST or len(set(digits)) <= 1:
        return None
    prefix = PREFIXES.get(number[:2], number[:2])
    if prefix in CHECKED:
        found = _checked(prefix, number[2:])
        if found is not None:
            return found
    if country in CHECKED and not number[:2].isalpha():
        found = _checked(country, number)
        return found or TaxId(country + number, checked=False)
    return TaxId(prefix + number[2:] if prefix in CHECKED else number, checked=False)


class _Module(Protocol):
    """A module of python-stdnum."""

    def validate(self, number: str) -> str:
        """The number in its country's form. Raises ValidationError."""


def _checked(country: str, number: str) -> TaxId | None:
    module = _module(country)
    if country == "CH":
        number = f"CHE{SWISS_END.sub('', number).removeprefix('E')}MWST"
    try:
        valid = module.validate(number)
    except ValidationError:
        return None
    bare = code(str(valid))
    if country == "CH":
        bare = SWISS_END.sub("", bare).removeprefix("CHE")
    return TaxId(country + bare.removeprefix(country), checked=True)


@cache
def _module(country: str) -> _Module:
    module = get_cc_module(country.lower(), "vat")
    if module is None:
        raise LookupError(f"python-stdnum knows no VAT number of {country}")
    return module


def bare(number: str) -> str:
    """A number without the letters and zeros it begins with, which one of two systems may have left out."""
    return number.lstrip(ascii_uppercase).lstrip("0")
