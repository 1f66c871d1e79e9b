"""Conditions of OData questions: what changed since an instant, and which documents have these keys."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from integration_hub.erp.odata.metadata import EntityType
from integration_hub.erp.odata.plan import Plan
from integration_hub.erp.odata.values import literal, stamp
from integration_hub.sources import SourceProblem

PARENTS_AT_ONCE = 40
"""So many documents are named in one $filter; more would make the address too long for some servers."""


def any_of(entity: EntityType, name: str, texts: Sequence[str], version: str) -> str:
    """The condition that a property has one of these values."""
    return " or ".join(f"{name} eq {literal(text, entity.properties[name], version)}" for text in texts)


def changed_since(plan: Plan, since: datetime | None, version: str) -> list[str]:
    """The conditions of everything, or of what was stamped since an instant and of what changes without a stamp.

    They are asked one after the other: Business Central cannot join conditions on different fields with "or". The
    stamps of a profile are such that every row has one of them, so nothing without a stamp is left to be asked for.
    """
    stream = plan.documents.stream
    where = stream.where
    if since is None:
        return [where]
    stamped = [f"{each.name} ge {stamp(since, each, version)}" for each in plan.stamps]
    return [both(where, each) for each in (*stamped, *([stream.also] if stream.also else []))]


def both(*conditions: str) -> str:
    """All of these conditions."""
    given = [each for each in conditions if each]
    return given[0] if len(given) == 1 else " and ".join(f"({each})" for each in given)


def of_keys(plan: Plan, keys: Sequence[str], version: str) -> Iterator[tuple[str, str]]:
    """Company and condition for documents with these keys, some at a time; the company is empty where keys name none.

    Raises SourceProblem where the stream's key is not made of properties of its rows.
    """
    column = plan.documents.stream.columns["key"]
    by_company: dict[str, list[str]] = {}
    for key in keys:
        parts = key.split(column.separator, len(column.source) - 1)
        company, terms = "", []
        for name, part in zip(column.source, parts, strict=False):
            found = plan.entity.properties.get(name.removesuffix("#"))
            if name == "$company":
                company = part
            elif found is not None:
                terms.append(f"{found.name} eq {literal(part, found, version)}")
            else:
                raise SourceProblem(
                    f'Documents of "{plan.documents.stream.name}" cannot be asked for by their key.',
                    "Nothing was changed.",
                    f'Make columns.key of the stream from properties of its rows; "{name}" is none.',
                )
        by_company.setdefault(company, []).append(" and ".join(terms))
    for company, terms in by_company.items():
        for start in range(0, len(terms), PARENTS_AT_ONCE):
            some = terms[start : start + PARENTS_AT_ONCE]
            yield company, some[0] if len(some) == 1 else " or ".join(f"({term})" for term in some)
