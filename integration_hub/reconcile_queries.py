"""The figures of what was read, of the mirror and of what waits in quarantine, each by one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from psycopg import sql

from integration_hub.columns import Mapped
from integration_hub.config import StreamConfig
from integration_hub.models.common import MoneyField
from integration_hub.reconcile_figures import Figure, Group
from integration_hub.sources import Totals
from integration_hub.streams import MONTH_OF
from integration_hub.warehouse import fetch
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_fingerprint import staged_fingerprint


@dataclass(frozen=True)
class Grouping:
    """By which of the three the rows are grouped; what they are not grouped by is the same for all."""

    company: bool
    month: bool
    currency: bool
    hashed: bool = False

    @classmethod
    def of_delta(cls, delta: Delta) -> "Grouping":
        """As far as the stream delivers it."""
        names = delta.columns.names
        month = MONTH_OF.get(delta.columns.target.table, "")
        return cls("company" in names, month in names, "currency" in names)

    @classmethod
    def of_totals(cls, totals: Totals, delta: Delta) -> "Grouping":
        """As the source grouped them."""
        groups, able = totals.groups.keys(), cls.of_delta(delta)
        return cls(
            able.company and any(group[0] for group in groups),
            able.month and any(group[1] for group in groups),
            able.currency,
            bool(totals.hashes),
        )


@dataclass(frozen=True)
class _Terms:
    """What is selected of a relation; `unreadable` are conditions per money column."""

    group: Sequence[sql.Composable]
    money: Mapping[str, sql.Composable]
    hash: sql.Composable
    unreadable: Mapping[str, sql.Composable] = field(default_factory=dict)


def _select(terms: _Terms, rows: sql.Composable) -> dict[Group, Figure]:
    names = sorted(terms.money)
    sums = [sql.SQL("coalesce(sum({}), 0)").format(terms.money[name]) for name in names]
    lost = [
        sql.SQL("count(*) filter (where {})").format(terms.unreadable.get(name, sql.SQL("false"))) for name in names
    ]
    statement = sql.SQL("select {}, count(*), count({hash}), sum({hash}), {} from {} group by 1, 2, 3").format(
        sql.SQL(", ").join(terms.group), sql.SQL(", ").join([*sums, *lost, sql.SQL("true")]), rows, hash=terms.hash
    )
    return dict(_figure(row, names) for row in fetch(statement))


def _figure(row: Sequence[object], names: Sequence[str]) -> tuple[Group, Figure]:
    company, month, currency, rows, hashed, total, *rest = row
    amounts, lost = rest[: len(names)], rest[len(names) : 2 * len(names)]
    figure = Figure(
        int(str(rows)),
        {name: Decimal(str(amount)) for name, amount in zip(names, amounts, strict=True)},
        int(str(total)) if hashed == rows else None,
        frozenset(name for name, count in zip(names, lost, strict=True) if count),
    )
    return (str(company), str(month), str(currency)), figure


def staged_figures(
    delta: Delta, by: Grouping, *, duplicates: bool = False, without_waiting: str = ""
) -> dict[Group, Figure]:
    """What was read and can be loaded, without rows that the source calls gone; or only what was delivered twice.

    `without_waiting` is a stream "<source>.<stream>" whose rows in quarantine do not count.
    """
    values = {column.name: column.value for column in delta.columns.columns}
    rows = delta.rows(fenced=True)
    if duplicates:
        rows = sql.SQL("(select s.* from {} as s join {} as k on k.pos = s.ctid where k.reason is null) as s").format(
            delta.stage.table, delta.skipped
        )
    else:
        conditions: list[sql.Composable] = [sql.SQL("not {}").format(values["gone"])] if "gone" in values else []
        if without_waiting:
            conditions.append(free_of_waiting(delta, without_waiting))
        rows = sql.SQL("{} where {}").format(rows, sql.SQL(" and ").join(conditions)) if conditions else rows
    return _select(_of_values(delta, by, values), rows)


def free_of_waiting(delta: Delta, name: str) -> sql.Composable:
    """The condition that a staged row is none of those of the stream "<source>.<stream>" that wait in quarantine."""
    return sql.SQL("{} not in (select key from hub_rejected_row where stream = {} and resolved_at is null)").format(
        delta.columns.key.value, sql.Literal(name)
    )


def waiting_figures(stream: StreamConfig, name: str, delta: Delta, by: Grouping) -> dict[Group, Figure]:
    """The rows of the stream "<source>.<stream>" that wait in quarantine, as far as their values can be read."""
    texts = [
        sql.SQL("record ->> {} as {}").format(sql.Literal(column), sql.Identifier(f"c{number}"))
        for number, column in enumerate(delta.stage.columns, 1)
    ]
    rows = sql.SQL("(select {} from hub_rejected_row where stream = {} and resolved_at is null offset 0) as s").format(
        sql.SQL(", ").join(texts), sql.Literal(name)
    )
    columns = delta.columns.columns
    values = {each.name: _guarded(each) for each in columns}
    own = stream.columns.get("currency")
    plain = own.source[0] if own and own.source else "currency"
    if plain in delta.stage.columns and not (own and own.values) and "currency" in values:
        # Also a currency that nobody knows is one of the source's groups.
        text = sql.SQL("coalesce(nullif({}, ''), {})").format(
            delta.stage.column(plain), sql.Literal((own and own.default) or "")
        )
        values["currency"] = sql.SQL("upper(btrim({}))").format(text)
    terms = _of_values(delta, by, values)
    unreadable = {each.name: sql.SQL("{} is not null").format(each.problem) for each in columns}
    return _select(_Terms(terms.group, terms.money, terms.hash, unreadable), rows)


def _guarded(column: Mapped) -> sql.Composable:
    return sql.SQL("(case when {} is null then {} end)").format(column.problem, column.value)


def _of_values(delta: Delta, by: Grouping, values: Mapping[str, sql.Composable]) -> _Terms:
    month = values.get(MONTH_OF.get(delta.columns.target.table, ""))
    return _Terms(
        group_terms(delta, by, values.get("company"), month, values.get("currency")),
        {name: values[name] for name in money_of(delta)},
        staged_fingerprint(delta.columns) if by.hashed else sql.SQL("null::bigint"),
    )


def mirror_figures(delta: Delta, name: str, by: Grouping, kept: Collection[str] = ()) -> dict[Group, Figure]:
    """The mirror's live rows of the source, without those of which a newer version waits (see not_waiting)."""
    return _select(
        _Terms(
            mirror_group(delta, by),
            {each: sql.Identifier("m", each) for each in money_of(delta)},
            sql.SQL("m.fingerprint") if by.hashed else sql.SQL("null::bigint"),
        ),
        sql.SQL("{} as m where m.source = {} and m.deleted_at is null and {}").format(
            delta.mirror, delta.source, not_waiting(delta, name, kept)
        ),
    )


def not_waiting(delta: Delta, name: str, kept: Collection[str] = ()) -> sql.Composable:
    """The condition that nothing newer of a mirror row `m` waits in quarantine, that its document did not leave the
    source closed, which keeps it here, and that it is none of the rows `kept` (see reconcile_kept).
    """
    own = sql.SQL("m.key not in (select key from hub_rejected_row where stream = {} and resolved_at is null)").format(
        sql.Literal(name)
    )
    own += _not_closed(delta)
    return own + sql.SQL(" and m.key <> all ({})").format(sql.Literal(sorted(kept))) if kept else own


def _not_closed(delta: Delta) -> sql.Composable:
    target = delta.columns.target
    own = sql.SQL(" and m.gone_reason <> 'closed'")
    if target.table != "erp_order_line":
        return own
    return own + sql.SQL(
        " and not exists (select 1 from {} as d where d.key = {} and d.gone_reason = 'closed')"
    ).format(sql.Identifier(target.parent_table("order")), sql.Identifier("m", str(target.fields["order"].column)))


def mirror_group(delta: Delta, by: Grouping) -> list[sql.Composable]:
    """Company, month and currency of a mirror row `m`, as texts."""
    fields = delta.columns.target.fields
    month = MONTH_OF.get(delta.columns.target.table, "")
    columns = [
        sql.Identifier("m", str(fields[name].column)) if name in fields else None
        for name in ("company", month, "currency")
    ]
    return group_terms(delta, by, *columns)


def group_terms(
    delta: Delta,
    by: Grouping,
    company: sql.Composable | None,
    month: sql.Composable | None,
    currency: sql.Composable | None,
) -> list[sql.Composable]:
    """The three values as texts: the company without the source's name in front."""
    nothing = sql.SQL("''::text")
    start = sql.Literal(len(delta.columns.source) + 2)
    return [
        sql.SQL("coalesce(substr({}, {}), '')").format(company, start) if by.company and company else nothing,
        sql.SQL("coalesce(to_char({}, 'YYYY-MM'), '')").format(month) if by.month and month else nothing,
        sql.SQL("coalesce({}, '')").format(currency) if by.currency and currency else nothing,
    ]


def money_of(delta: Delta) -> list[str]:
    """The amounts that the stream delivers."""
    fields = delta.columns.target.fields
    return sorted(name for name in delta.columns.names if isinstance(fields.get(name), MoneyField))
