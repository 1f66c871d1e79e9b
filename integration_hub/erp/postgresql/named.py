"""Conditions that find rows by the texts of their columns, so that PostgreSQL can use the indexes on these columns."""

import re
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from psycopg import sql

from integration_hub.by_key.reading import Named

WHOLE = re.compile(r"-?[0-9]{1,18}")
EXACT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


# type of a column -> the type its values are compared in, and whether a text can be one
COMPARED: Mapping[str, tuple[str, Callable[[str], object]]] = {
    **dict.fromkeys(("int2", "int4", "int8"), ("int8", WHOLE.fullmatch)),
    "numeric": ("numeric", EXACT.fullmatch),
    "uuid": ("uuid", _is_uuid),
    **dict.fromkeys(("text", "varchar"), ("text", bool)),
    "bpchar": ("bpchar", bool),
}


def conditions(wanted: Sequence[Named], types: Mapping[str, str]) -> sql.Composable:
    """True for rows `q` that one of `wanted` names; `types` are those of the columns."""
    found = [each for named in wanted if set(named.columns) <= types.keys() for each in _each(named, types)]
    return sql.SQL(" or ").join(found) if found else sql.SQL("false")


def _each(named: Named, types: Mapping[str, str]) -> list[sql.Composable]:
    kinds = [COMPARED.get(types[name], ("", bool)) for name in named.columns]
    possible = [
        values for values in named.values if all(can_be(text) for (_, can_be), text in zip(kinds, values, strict=True))
    ]
    places = [
        sql.SQL("q.{}").format(sql.Identifier(name)) + (sql.SQL("") if kind else sql.SQL("::text"))
        for name, (kind, _) in zip(named.columns, kinds, strict=True)
    ]
    casts = [sql.SQL(kind or "text") for kind, _ in kinds]
    if len(places) == 1:
        texts = [values[0] for values in possible]
        return [sql.SQL("{} = any({}::{}[])").format(places[0], sql.Literal(texts), casts[0])] if texts else []
    return [
        sql.SQL("({})").format(
            sql.SQL(" and ").join(
                sql.SQL("{} = {}::{}").format(place, sql.Literal(text), cast)
                for place, text, cast in zip(places, values, casts, strict=True)
            )
        )
        for values in possible
    ]
