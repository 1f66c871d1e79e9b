"""Runs the statements of customers/sql; a statement is called by the name of its file.

Beside its own parameters each may use `companies`: the keys of those whose documents count, null where all do.
"""

import re
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from customers.companies import counting_companies
from integration_hub import planned

FOLDER = Path(__file__).parent / "sql"
Parameter = str | int | bool | date | datetime | list[str] | list[int] | None


# A line of a statement that stands for the whole of another file: rules that several statements share stand once.
BEGINNING = re.compile(r"^-- begins with (\w+)", re.MULTILINE)


@cache
def _text(name: str) -> str:
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return BEGINNING.sub(lambda found: _text(found[1]).rstrip(), text)


def _companies() -> dict[str, Parameter]:
    return {"companies": list(counting_companies()) or None}


def run(name: str, **parameters: Parameter) -> int:
    """Run customers/sql/<name>.sql; the number of rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(_text(name), _companies() | parameters)
        written: int = cursor.rowcount
        return max(written, 0)


def run_alone(name: str, **parameters: Parameter) -> int:
    """The same for a statement beside the work around it: one that fails takes nothing of that with it. Outside a
    transaction it needs none of its own.
    """
    if not connection.in_atomic_block:
        return run(name, **parameters)
    with transaction.atomic():
        return run(name, **parameters)


def fetch(name: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
    """Run customers/sql/<name>.sql; the rows it returns."""
    with connection.cursor() as cursor:
        cursor.execute(_text(name), _companies() | parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_planned(name: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
    """The same for a statement that pages ask often; it says the types of its parameters."""
    return planned.fetch(_text(name), _companies() | parameters)
