"""Names and codes of countries, each with its two-letter code."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("countries.txt")


@cache
def countries() -> Mapping[str, str]:
    """Two-letter code in small letters by every name and code, in small letters too."""
    found: dict[str, str] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, long_code, names = line.split(" ", 2)
        found |= dict.fromkeys((code.lower(), long_code.lower(), *names.split("|")), code.lower())
    return found


@cache
def as_json() -> str:
    """The same as the text that a statement takes."""
    return json.dumps(countries())
