"""Addresses of pages, for those that hold a hundred of them: what Django's `reverse` gives, found once per kind."""

from functools import lru_cache
from urllib.parse import quote

from django.urls import get_script_prefix, reverse

# Stands for the number of a customer, the first argument in every address that has one.
NUMBER = 7_000_000_000_000_007
# What may stand in a path as it is, as `reverse` has it.
SAFE = "!$&'()*+,;=/~:@"


def customer_address(name: str, pk: int, *args: object) -> str:
    """The page of a customer with this name in customers.urls."""
    before, after = _around(get_script_prefix(), name, args)
    return f"{before}{pk}{after}"


def document_address(kind: str, key: str) -> str:
    """The page of an order, delivery, invoice or payment."""
    if not key.isprintable() or not key:
        return reverse(f"customers:{kind}", args=(key,))
    return f"{_folder(get_script_prefix(), kind)}{quote(key, safe=SAFE)}/"


@lru_cache(maxsize=1024)
def _around(_prefix: str, name: str, args: tuple[object, ...]) -> tuple[str, str]:
    before, _, after = reverse(f"customers:{name}", args=(NUMBER, *args)).partition(str(NUMBER))
    return before, after


@lru_cache(maxsize=64)
def _folder(_prefix: str, kind: str) -> str:
    return reverse(f"customers:{kind}", args=("0",)).removesuffix("0/")
