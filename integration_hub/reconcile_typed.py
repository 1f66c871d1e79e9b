"""Values of a source that are typed there already: what reading their text gives, without writing and reading it.

A value that its text would not give (NaN, infinity, a year outside of 1 to 9999) raises a data error as its text does.
"""

from collections.abc import Mapping

from django.db import models
from psycopg import sql

from integration_hub.column_types import composed
from integration_hub.columns import Mapped
from integration_hub.config import Column, StreamConfig

NUMBERS = frozenset({"numeric", "int2", "int4", "int8"})


def typed_value(
    stream: StreamConfig, column: Mapped, field: "models.Field[object, object]", types: Mapping[str, str]
) -> sql.Composable | None:
    """The value from the typed column t1, t2, ... of a row `s`; None where only its text says how it is read.

    `types` are the source's columns in their order: name -> PostgreSQL's name of the type.
    """
    config = stream.columns.get(column.name) or Column(source=(column.name,))
    read = config.values or config.strip_zeros or config.default is not None or config.formats or config.decimal_comma
    if read or config.constant is not None or len(config.source) != 1:
        return None
    place = sql.Identifier("s", f"t{list(types).index(config.source[0]) + 1}")
    value = _typed(field, place, types[config.source[0]], config)
    default = None if field.null else field.get_default()
    if value is None or default is None:
        return value
    return composed("coalesce({value}, {default})", value=value, default=sql.Literal(default))


def _typed(
    field: "models.Field[object, object]", place: sql.Composable, kind: str, config: Column
) -> sql.Composable | None:
    if isinstance(field, models.DecimalField | models.IntegerField) and kind in NUMBERS:
        number = place
        if kind == "numeric":
            # Only NaN and infinity have no scale.
            number = composed(
                "case when scale({place}) is not null then {place} else ('~' || {place}::text)::numeric end",
                place=place,
            )
        if config.factor is not None:
            number = composed("{number} * {factor}::numeric", number=number, factor=sql.Literal(config.factor))
        return composed("({number})::numeric", number=number)
    if isinstance(field, models.DateTimeField):
        if kind == "timestamp":
            return composed("({value} at time zone 'UTC')", value=_within(place, kind))
        return _within(place, kind) if kind == "timestamptz" else None
    if isinstance(field, models.DateField):
        return _within(place, "date") if kind == "date" else None
    return place if isinstance(field, models.BooleanField) and kind == "bool" else None


def _within(place: sql.Composable, kind: str) -> sql.Composable:
    # PostgreSQL would read "~infinity", too. A constant would raise before any row is looked at.
    return composed(
        "case when {place} >= '0001-01-01'::{kind} and {place} < '10000-01-01'::{kind} then {place}"
        " else ('no date' || left({place}::text, 0))::{kind} end",
        place=place,
        kind=sql.SQL(kind),
    )
