"""Runs the statements of customers/sql; a statement is called by the name of its file.

Beside its own parameters each may use `companies`: the keys of those whose documents count, null where all do.

A statement about documents of ERP customers is written once for figures with rules that share an ERP customer over
several accounts, and without. Without, which is the usual case, these words leave nothing behind, so that it is as
plain as if there were no rules:

- `{{ plain // shared }}` is one or the other;
- `takes(k, invoice i.key)` behind a join condition: of what is shared by ship-to party only what the link k takes;
- `parts_of(x)` behind a FROM joins the parts of what x.customer_id stands for, and `whose(x.customer_id)` is the
  customer of each;
- `part(amount)` is the part of an amount. What begins where another ends is rounded so that all parts make the amount.
"""

import re
from collections.abc import Mapping
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


EITHER = re.compile(r"\{\{(.*?)//(.*?)\}\}", re.DOTALL)
TAKES = re.compile(r" ?\btakes\((\w+), (\w+) ([\w.]+)\)")
PARTS_OF = re.compile(r"\bparts_of\((\w+)\)")
WHOSE = re.compile(r"\bwhose\(([\w.]+)\)")
PART = re.compile(r"\bpart\(([^()]+)\)")
TAKEN = """
        and (
            {link}.places is null
            or (coalesce((select dp.place from document_place dp where dp.kind = '{kind}' and dp.document = {key}), '')
                = any ({link}.places)) <> {link}.is_rest
        )"""
PARTED = (
    "(case when s.part_to is null then {amount} else "
    "case when s.part_to = 1 then {amount} else round({amount} * s.part_to, 2) end"
    " - case when s.part_from = 0 then 0 else round({amount} * s.part_from, 2) end end)"
)


@cache
def _text(name: str, *, shared: bool = False) -> str:
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    text = BEGINNING.sub(lambda found: _text(found[1], shared=shared).rstrip(), text)
    text = EITHER.sub(lambda found: found[2 if shared else 1].strip(), text)
    if not shared:
        text = PARTS_OF.sub("", TAKES.sub("", text))
        return PART.sub(r"\1", WHOSE.sub(r"\1", text))
    text = TAKES.sub(lambda found: TAKEN.format(link=found[1], kind=found[2], key=found[3]), text)
    text = PARTS_OF.sub(r"join rollup_part s on s.slot = \1.customer_id", text)
    return PART.sub(lambda found: PARTED.format(amount=found[1]), WHOSE.sub("s.owner_id", text))


def _companies() -> dict[str, Parameter]:
    return {"companies": list(counting_companies()) or None}


def run(name: str, **parameters: Parameter) -> int:
    """Run customers/sql/<name>.sql; the number of rows it wrote."""
    return _run(_text(name), parameters)


def run_in_parts(name: str, **parameters: Parameter) -> int:
    """The same as it is where rules share ERP customers; needs rollup_part."""
    return _run(_text(name, shared=True), parameters)


def _run(text: str, parameters: Mapping[str, Parameter]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(text, {**_companies(), **parameters})
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
    return _fetch(_text(name), parameters)


def fetch_in_parts(name: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
    """The same as it is where rules share ERP customers."""
    return _fetch(_text(name, shared=True), parameters)


def _fetch(text: str, parameters: Mapping[str, Parameter]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, {**_companies(), **parameters})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_planned(name: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
    """The same for a statement that pages ask often; it says the types of its parameters."""
    return planned.fetch(_text(name), _companies() | parameters)
