"""From a source's text to a mirror column: each mapped column as two SQL expressions over the stage.

`value` casts, and raises a data error for a text that PostgreSQL cannot read. `problem` never raises: it is null, or
says why the text is refused. The first serves the set-based fast path, the second names the rows that do not fit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb

from integration_hub import column_dates as dates
from integration_hub import column_texts as texts
from integration_hub import column_types as types
from integration_hub.column_doubles import rounded
from integration_hub.column_types import Expressions, Text
from integration_hub.config import Column, StreamConfig
from integration_hub.models.common import CurrencyField, KeyField
from integration_hub.sources import SourceProblem
from integration_hub.streams import DERIVED, GONE, KEPT_BY_WAREHOUSE, Target

# A document in a currency that nobody knows would be missing from every total; a customer may well name one.
DOCUMENTS_WITH_CURRENCY = frozenset({"erp_order", "erp_invoice", "erp_open_item", "erp_payment", "erp_allocation"})
JSON_PAIRS = 40  # jsonb_build_object takes at most 100 arguments


@dataclass(frozen=True)
class Mapped:
    """One target column: field name, database column, its expressions, and how a typed value is written strictly.

    `strict` takes a reference to the typed value and raises where storing it would round.
    """

    name: str
    column: str
    value: sql.Composable
    problem: sql.Composable
    strict: Callable[[sql.Composable], sql.Composable]


@dataclass(frozen=True)
class ColumnMap:
    """How one stream's stage becomes rows of its table. `unused` are source columns that no target column takes."""

    target: Target
    source: str
    columns: tuple[Mapped, ...]
    kept: sql.Composable  # condition: the row passes the stream's filters
    unused: tuple[str, ...]
    used: Mapping[str, sql.Composable]  # the source's columns that are read, with their place in the stage `s`

    @property
    def key(self) -> Mapped:
        """The column with the primary key."""
        return self.columns[0]

    @property
    def stored(self) -> tuple[Mapped, ...]:
        """All columns that exist in the mirror table; without the pseudo column `gone`."""
        return tuple(column for column in self.columns if column.name != GONE)

    @property
    def names(self) -> frozenset[str]:
        """Field names of the mapped columns."""
        return frozenset(column.name for column in self.columns)


def column_map(
    source: str,
    stream: StreamConfig,
    target: Target,
    delivered: tuple[str, ...],
    *,
    decimals: Mapping[str, int] | None = None,
    kept: frozenset[str] = frozenset(),
) -> ColumnMap:
    """Match a stream's declaration with what was delivered. Raises SourceProblem for what is missing or misnamed.

    `decimals` are those of columns that hold doubles. Columns of the source that are `kept` cannot be read now: what
    the mirror `m` knows of them stays.
    """
    stage: dict[str, sql.Composable] = {
        name: sql.Identifier("s", f"c{number}") for number, name in enumerate(delivered, 1)
    }
    stage |= {name: rounded(stage[name], places) for name, places in (decimals or {}).items()}
    configs = dict(_configs(stream, target, delivered))
    _refuse_unknown(stream, configs, stage, kept)
    columns = [
        _mapped(name, config, source, target, stage, kept)
        for name, config in configs.items()
        if not _stays(config, kept)
    ]
    columns.sort(key=lambda column: column.name != "key")
    if not columns or columns[0].name != "key":
        raise SourceProblem(
            f'The stream "{stream.name}" delivers no key.',
            "Rows cannot be told apart. Nothing was changed.",
            f'Map the source\'s own id in hub.toml: columns.key = "..." (delivered: {", ".join(delivered)}).',
        )
    used = {name for config in configs.values() for name in config.source} | {each.column for each in stream.filters}
    unused = tuple(name for name in delivered if name not in used and name != stream.cursor)
    read = {name: _written(place) for name, place in stage.items() if name in used and name not in kept}
    return ColumnMap(target, source, tuple(columns), _filters(stream, stage), unused, read)


def _written(expression: sql.Composable) -> sql.SQL:
    """The expression as one text: a sync writes it into several statements, and putting it together anew for each took
    a tenth of a small sync.
    """
    return sql.SQL(expression.as_string(None))


def _stays(config: Column, kept: frozenset[str]) -> bool:
    """Whether nothing of a column can be read now."""
    return bool(config.source) and kept.issuperset(config.source)


def _configs(stream: StreamConfig, target: Target, delivered: tuple[str, ...]) -> Mapping[str, Column]:
    """Declared columns, then those that a delivered column matches by name."""
    by_name = {name: Column(source=(name,)) for name in delivered if name in target.fields or name == GONE}
    return by_name | dict(stream.columns)


def _refuse_unknown(
    stream: StreamConfig, configs: Mapping[str, Column], stage: Mapping[str, sql.Composable], kept: frozenset[str]
) -> None:
    wanted = {name for config in configs.values() for name in config.source}
    wanted |= {each.column for each in stream.filters} | ({stream.cursor} if stream.cursor else set())
    missing = sorted(wanted - stage.keys() - kept)
    if missing:
        raise SourceProblem(
            f'The source no longer delivers {_quoted(missing)} for "{stream.name}".',
            "The stream needs it, so nothing of this run was published; what was loaded before stays.",
            f"Deliver the column again, or correct hub.toml. Delivered are: {', '.join(stage)}.",
        )


def _quoted(names: list[str]) -> str:
    return ("the columns " if len(names) > 1 else "the column ") + ", ".join(f'"{name}"' for name in names)


def _mapped(
    name: str,
    config: Column,
    source: str,
    target: Target,
    stage: Mapping[str, sql.Composable],
    kept: frozenset[str],
) -> Mapped:
    if name == GONE:
        built = types.boolean(_text(config, stage), default=False)
        return Mapped(name, GONE, built.value, _or_unmapped(built, config, stage), lambda value: value)
    if name not in target.fields:
        reason = "is computed by the product" if name in _computed(target) else f"is no column of {target.table}"
        raise SourceProblem(
            f'"{name}" {reason} and cannot be mapped.', "Nothing was read.", "Remove it from the columns in hub.toml."
        )
    field = target.fields[name]
    if kept and isinstance(field, models.JSONField):
        known = sql.Identifier("m", str(field.column))
        stage = dict(stage) | {each: sql.SQL("({} ->> {})").format(known, sql.Literal(each)) for each in kept}
    built = _typed(field, config, source, target, stage)
    problem = _or_unmapped(built, config, stage)
    return Mapped(name, str(field.column), _written(built.value), problem, built.strict)


def _computed(target: Target) -> frozenset[str]:
    return KEPT_BY_WAREHOUSE | DERIVED.get(target.table, frozenset())


def _typed(  # noqa: PLR0911 - one return per type of column
    field: "models.Field[object, object]",
    config: Column,
    source: str,
    target: Target,
    stage: Mapping[str, sql.Composable],
) -> Expressions:
    if isinstance(field, models.JSONField):
        return _json(config, stage)
    text = _text(config, stage)
    default = None if field.null else field.get_default()
    if field.primary_key or isinstance(field, models.ForeignKey | KeyField):
        prefix = None if target.is_salesforce else f"{source}:"
        empty = "" if not field.null and not field.primary_key else None
        return types.reference(text, prefix, required=field.primary_key, empty=empty)
    if isinstance(field, models.DecimalField):
        digits, places = field.max_digits or 0, field.decimal_places or 0
        return types.number(text, config, digits, places, default=default)
    if isinstance(field, models.IntegerField):
        return types.whole_number(text, config, str(field.db_type(connection)), default=default)
    if isinstance(field, models.DateTimeField):
        return dates.instant(text, config.formats)
    if isinstance(field, models.DateField):
        return dates.day(text, config.formats)
    if isinstance(field, models.BooleanField):
        return types.boolean(text, default=bool(default))
    if isinstance(field, CurrencyField):
        return texts.currency(text, known_only=target.table in DOCUMENTS_WITH_CURRENCY)
    choices = tuple(str(value) for value, _ in field.flatchoices)
    own_default = "" if default is None else str(default)
    return texts.plain(text, field.max_length, own_default, choices, cut=not target.is_salesforce)


def _text(config: Column, stage: Mapping[str, sql.Composable]) -> Text:
    """The source's text after joining, zero stripping, value map and default; null where it is empty."""
    if config.constant is not None:
        return Text(sql.Literal(config.constant) + sql.SQL("::text"))
    raw = _joined(config, stage)
    if config.strip_zeros:
        raw = types.without_leading_zeros(raw)
    if config.values:
        raw = types.looked_up(raw, config.values)
    elif len(config.source) == 1 and config.default is None and not config.strip_zeros:
        return Text(raw, may_be_blank=True)
    if config.default is not None:
        raw = sql.SQL("coalesce(nullif({}, ''), {})").format(raw, sql.Literal(config.default))
    return Text(raw, may_be_blank=True)


def _joined(config: Column, stage: Mapping[str, sql.Composable]) -> sql.Composable:
    parts = [stage[name] for name in config.source]
    if len(parts) == 1:
        return parts[0]
    # A key that lacks a part is no key: any empty part makes the whole null.
    pieces: list[sql.Composable] = [sql.SQL("nullif({}, '')").format(parts[0])]
    for part in parts[1:]:
        pieces += [sql.Literal(config.separator), sql.SQL("nullif({}, '')").format(part)]
    return sql.SQL("({})").format(sql.SQL(" || ").join(pieces))


def _or_unmapped(built: Expressions, config: Column, stage: Mapping[str, sql.Composable]) -> sql.Composable:
    """The column's problem; for a value map first whether it has the value at all."""
    if not config.values:
        return built.problem
    raw = _joined(config, stage)
    if config.strip_zeros:
        raw = types.without_leading_zeros(raw)
    return sql.SQL(
        "case when coalesce(btrim({raw}), '') <> '' and not btrim({raw}) = any({known})"
        " then 'the value \"' || left({raw}, 60) || '\" is not in the value map' else {problem} end"
    ).format(raw=raw, known=sql.Literal([key.strip() for key in config.values]), problem=built.problem)


def _json(config: Column, stage: Mapping[str, sql.Composable]) -> Expressions:
    """One object with the source's columns as exact text or null."""
    pairs = [sql.SQL("{}, nullif({}, '')").format(sql.Literal(name), stage[name]) for name in config.source]
    blocks = [pairs[start : start + JSON_PAIRS] for start in range(0, len(pairs), JSON_PAIRS)]
    objects = [sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(block)) for block in blocks]
    value = sql.SQL(" || ").join(objects) if objects else sql.Literal(Jsonb({}))
    return Expressions(value, types.NO_PROBLEM)


def _filters(stream: StreamConfig, stage: Mapping[str, sql.Composable]) -> sql.Composable:
    conditions: list[sql.Composable] = []
    for each in stream.filters:
        text = sql.SQL("btrim(coalesce({}, ''))").format(stage[each.column])
        if each.include:
            conditions.append(sql.SQL("{} = any({})").format(text, sql.Literal(list(each.include))))
        if each.exclude:
            conditions.append(sql.SQL("not {} = any({})").format(text, sql.Literal(list(each.exclude))))
    return sql.SQL(" and ").join(conditions) if conditions else sql.SQL("true")
