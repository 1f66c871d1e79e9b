"""The values of a query's rows as COPY sends them, written as expressions."""

from collections.abc import Mapping, Sequence

from psycopg import sql

# Types whose change mark is a time, so that an overlap in minutes can be taken off.
TIMES = {"timestamp", "timestamptz", "date"}
# Types whose cast to text is what COPY writes.
CAST_AS_SENT = TIMES | {"text", "varchar", "int2", "int4", "int8", "numeric", "uuid"}


def texts_of(names: Sequence[str], types: Mapping[str, str]) -> list[sql.Composable]:
    """These columns of a row `q` as COPY writes them."""
    return [_as_sent(sql.Identifier("q", name), types[name]) for name in names]


def as_staged(
    inner: sql.Composable, names: Sequence[str], types: Mapping[str, str], *, every_row: bool
) -> sql.Composable:
    """The query's rows as a stage `s` would hold them; fenced (offset 0), so that each text is made once."""
    places = list(types)
    selected = [
        sql.SQL("{} as {}, {} as {}").format(
            text, sql.Identifier(f"c{place}"), sql.Identifier("q", name), sql.Identifier(f"t{place}")
        )
        for name, text in zip(names, texts_of(names, types), strict=True)
        for place in [places.index(name) + 1]
    ]
    fence = sql.SQL(" offset 0" if every_row else "")
    return sql.SQL("(select {} from ({}) as q{}) as s").format(sql.SQL(", ").join(selected), inner, fence)


def _as_sent(column: sql.Identifier, kind: str) -> sql.Composable:
    """The text that COPY writes for a value; a cast writes some types in another way, such as true for t."""
    if kind in CAST_AS_SENT:
        return sql.SQL('{}::text collate "C"').format(column)
    return sql.SQL('case when {0} is not null then concat({0}) end collate "C"').format(column)
