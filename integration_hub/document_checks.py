"""Whether a document's rows fit together, as set-based statements over what was read and what the mirror has.

Only documents are looked at of which something differs from the mirror: the others were looked at when they came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from integration_hub.streams import target
from integration_hub.warehouse_delta import Delta, value_of

TYPES: Mapping[str, sql.SQL] = {
    name: sql.SQL(kind)
    for name, kind in (
        ("net_amount", "numeric"),
        ("gross_amount", "numeric"),
        ("open_amount", "numeric"),
        ("currency", "text"),
        ("status", "text"),
        ("kind", "text"),
        ("cancelled", "boolean"),
    )
}
LINES = frozenset({"erp_order_line", "erp_invoice_line"})
HEADER_COLUMNS = ("net_amount", "gross_amount", "currency", "status")


@dataclass(frozen=True)
class Rows:
    """One stream as it was read. `whole`: all of its rows. `complete`: a document of this read comes with all of its
    rows, so that one that is missing has left it. `sums`: its amounts must add up.
    """

    delta: Delta
    whole: bool
    complete: bool
    sums: bool

    @property
    def as_mirrored(self) -> bool:
        """Whether the source's own checksum says that its rows are exactly those of the mirror."""
        return self.delta.stage.unread


def rows_of(rows: Sequence[Rows], table: str) -> list[Rows]:
    """The streams that fill a table."""
    return [each for each in rows if each.delta.columns.target.table == table]


def headers_of(headers: Sequence[Rows]) -> sql.Composable:
    """The delivered headers that can be read, with the columns that are checked."""
    return _delivered(headers, "key", HEADER_COLUMNS)


def _delivered(rows: Sequence[Rows], reference: str, columns: Sequence[str]) -> sql.Composable:
    """Select `key` (the document's) and these columns from the rows of several streams."""
    return sql.SQL(" union all ").join(
        [
            sql.SQL("select {}, {} from {}").format(
                _aliased(value_of(each.delta, reference) or sql.SQL("null::varchar"), "key"),
                sql.SQL(", ").join(
                    _aliased(value_of(each.delta, name) or sql.SQL("null::") + TYPES[name], name) for name in columns
                ),
                each.delta.rows(fenced=True),
            )
            for each in rows
        ]
        or [
            sql.SQL("select null::varchar as key, {} where false").format(
                sql.SQL(", ").join(_aliased(sql.SQL("null::") + TYPES[name], name) for name in columns)
            )
        ]
    )


def _mirrored(source: str, table: str, reference: str, columns: Sequence[str]) -> sql.Composable:
    """The same from the mirror's live rows of the source."""
    fields = target(table).fields
    values = [
        _aliased(
            sql.Identifier("m", str(fields[name].column)) if name in fields else sql.SQL("null::") + TYPES[name], name
        )
        for name in columns
    ]
    return sql.SQL("select {} as key, {} from {} as m where m.source = {} and m.deleted_at is null").format(
        sql.Identifier("m", str(fields[reference].column)),
        sql.SQL(", ").join(values),
        sql.Identifier(table),
        sql.Literal(source),
    )


def _aliased(value: sql.Composable, name: str) -> sql.Composable:
    return sql.SQL("{} as {}").format(value, sql.Identifier(name))


@dataclass(frozen=True)
class Check:
    """The documents of one table of a source as they will be after this load; `tolerance` is an exact text.

    `unread` are tables of which the source has nothing new: their rows are those of the mirror.
    """

    source: str
    table: str
    headers: Sequence[Rows]
    tolerance: str
    unread: frozenset[str] = frozenset()

    def reason(self, part: str, reference: str, rows: Sequence[Rows]) -> sql.Composable | None:
        """Select (key, column, reason) of the documents that do not fit to their rows of this part; None where nothing
        can be said.
        """
        known = (rows or part in self.unread) and (self.headers or self.table in self.unread)
        if not known or not (rows or self.headers) or not all(each.sums for each in (*rows, *self.headers)):
            return None
        if part in LINES and all(each.complete or each.as_mirrored for each in rows):
            return self._of_lines(part, reference, rows)
        if part == "erp_open_item":
            return self._of_open_items(part, reference, rows)
        return None

    def _headers(self) -> sql.Composable:
        """Delivered headers; where a header that was not delivered is known to be the mirror's, that one."""
        delivered = headers_of(self.headers)
        if not all(each.as_mirrored or not each.whole for each in self.headers):
            return delivered
        mirrored = _mirrored(self.source, self.table, "key", HEADER_COLUMNS)
        return sql.SQL(
            "{} union all select * from ({}) as o where not exists (select 1 from ({}) as d where d.key = o.key)"
        ).format(delivered, mirrored, delivered)

    def _parts(self, part: str, reference: str, rows: Sequence[Rows], columns: Sequence[str]) -> sql.Composable:
        if all(each.as_mirrored for each in rows):
            return _mirrored(self.source, part, reference, columns)
        return _delivered(rows, reference, columns)

    def _concerned(self, reference: str, rows: Sequence[Rows]) -> sql.Composable:
        """A condition on the document `key`: something of it is new, differs, or is missing."""
        if any(each.delta.direct for each in (*rows, *self.headers)):
            return sql.SQL("true")
        keys: list[sql.Composable] = [
            sql.SQL("select new_key from {}").format(each.delta.changes) for each in self.headers
        ]
        for each in rows:
            column = str(each.delta.columns.target.fields[reference].column)
            if value_of(each.delta, reference) is not None:
                keys.append(sql.SQL("select {} from {}").format(sql.Identifier(f"new_{column}"), each.delta.changes))
                keys += self._missing(each, reference, column)
        return sql.SQL("key in ({})").format(sql.SQL(" union ").join(keys))

    def _missing(self, each: Rows, reference: str, column: str) -> list[sql.Composable]:
        """Documents that the mirror has rows of which a complete read did not bring."""
        if each.delta.same_keys or each.as_mirrored or not each.complete:
            return []
        document, given = sql.Identifier("m", column), value_of(each.delta, reference)
        missing = sql.SQL(
            "select {document} from {mirror} as m where m.source = {source} and m.deleted_at is null"
            " and not exists (select 1 from (select {key} as key from {rows}) as h where h.key = m.key)"
        ).format(
            document=document,
            mirror=each.delta.mirror,
            source=each.delta.source,
            key=each.delta.columns.key.value,
            rows=each.delta.rows(),
        )
        if each.whole:
            return [missing]
        return [
            missing
            + sql.SQL(" and {} in (select {} from {})").format(document, given or sql.SQL("null"), each.delta.rows())
        ]

    def _of_lines(self, part: str, reference: str, rows: Sequence[Rows]) -> sql.Composable:
        """Net lines against the header's net amount. Text lines carry none; cancelled lines and down payments may or
        may not be part of the header's, as ERPs differ there.
        """
        return sql.SQL(
            "select h.key, 'net_amount', 'the lines add up to ' || {total} || ', the document says ' || {net}"
            " from ({headers}) as h join (select key, count(*) as lines, sum(net_amount) as total,"
            " coalesce(sum(net_amount) filter (where cancelled is not true), 0) as standing,"
            " coalesce(sum(net_amount) filter (where kind is distinct from 'down_payment'), 0) as plain"
            " from ({lines}) as l where kind is distinct from 'text' and {concerned} group by key) as l"
            " on l.key = h.key"
            " where l.total is not null and h.net_amount is not null and h.status is distinct from 'cancelled'"
            " and least(abs(l.total - h.net_amount), abs(l.standing - h.net_amount), abs(l.plain - h.net_amount))"
            " > {tolerance} * greatest(1, l.lines / 2.0)"
        ).format(
            total=_money("l.total"),
            net=_money("h.net_amount"),
            headers=self._headers(),
            lines=self._parts(part, reference, rows, ("net_amount", "kind", "cancelled")),
            concerned=self._concerned(reference, rows),
            tolerance=self._allowed,
        )

    def _of_open_items(self, part: str, reference: str, rows: Sequence[Rows]) -> sql.Composable:
        """Open items against the header's gross amount: never more than it, never the other sign."""
        return sql.SQL(
            "select h.key, 'open_amount', {open} || case when l.total * h.gross_amount < 0"
            " then ' is open, but the gross amount is ' else ' is open, more than the gross amount of ' end || {gross}"
            " from ({headers}) as h join (select key, currency, sum(open_amount) as total from ({items}) as l"
            " where {concerned} group by key, currency) as l"
            " on l.key = h.key and coalesce(l.currency, '') in ('', coalesce(h.currency, ''))"
            " where h.gross_amount is not null and h.status is distinct from 'cancelled'"
            " and (abs(l.total) > abs(h.gross_amount) + {tolerance}"
            " or (l.total * h.gross_amount < 0 and abs(l.total) > {tolerance}))"
        ).format(
            open=_money("l.total"),
            gross=_money("h.gross_amount"),
            headers=self._headers(),
            items=self._parts(part, reference, rows, ("open_amount", "currency")),
            concerned=self._concerned(reference, rows),
            tolerance=self._allowed,
        )

    @property
    def _allowed(self) -> sql.Composable:
        return sql.Literal(self.tolerance) + sql.SQL("::numeric")


def _money(value: str) -> sql.Composable:
    """An amount with two decimals, or as many as it has, and the header's currency behind it."""
    return sql.SQL(
        "case when scale(trim_scale({0})) <= 2 then round({0}, 2) else trim_scale({0}) end"
        " || coalesce(nullif(' ' || h.currency, ' '), '')"
    ).format(sql.SQL(value))
