"""What a stage would change in the mirror: rows that differ, rows refused, rows delivered twice. Writes only temporary
tables; nothing is published here.
"""

from dataclasses import dataclass, field, replace

from django.db import DataError, transaction
from psycopg import sql

from integration_hub.columns import ColumnMap, Mapped
from integration_hub.streams import GONE
from integration_hub.warehouse import Stage, execute, fetch, one

# Below this share of the mirror's rows the stage looks its partners up one by one; above, both are hashed once.
LOOK_UP_SHARE = 20
# A larger stage is hashed whatever its statistics say.
ANALYZE_BELOW = 100_000


@dataclass(frozen=True)
class Delta:
    """The difference between one stage and the mirror, in temporary tables named after `number`.

    read = inserted + updated + unchanged + rejected + duplicates. `filtered` rows were left out by the stream's
    filters and are not counted as read. `direct` says that there is no delta table: the mirror is empty, and the
    stage goes there as a whole.
    """

    number: int
    stage: Stage
    columns: ColumnMap
    read: int = 0
    filtered: int = 0
    rejected: int = 0
    duplicates: int = 0
    inserted: int = 0
    updated: int = 0
    same_keys: bool = False  # the stage holds exactly the keys that are live in the mirror
    direct: bool = False
    tables: tuple[str, ...] = field(default=())

    @property
    def changes(self) -> sql.Identifier:
        """Temporary table with the rows to write: pos, is_new, old customer and account, and a column per value."""
        return sql.Identifier(f"delta_{self.number}")

    @property
    def skipped(self) -> sql.Identifier:
        """Temporary table (pos, column_name, reason): rows that are not loaded; a duplicate has no reason."""
        return sql.Identifier(f"skipped_{self.number}")

    @property
    def gone(self) -> sql.Identifier:
        """Temporary table (key, reason): rows to mark as gone."""
        return sql.Identifier(f"gone_{self.number}")

    @property
    def mirror(self) -> sql.Identifier:
        """The mirror table."""
        return sql.Identifier(self.columns.target.table)

    @property
    def source(self) -> sql.Literal:
        """The source's name, as it stands in the mirror's rows."""
        return sql.Literal(self.columns.source)

    @property
    def loaded(self) -> int:
        """Rows that are in the mirror after publishing, written or unchanged."""
        return self.read - self.rejected - self.duplicates

    def rows(self, *, fenced: bool = False) -> sql.Composable:
        """The stage's rows to load, as a table `s` with their position; fenced: nothing else is evaluated before."""
        skipping = fenced or self.rejected or self.duplicates
        return sql.SQL("(select s.ctid as pos, s.* from {} as s where {}{}{}) as s").format(
            self.stage.table,
            self.columns.kept,
            sql.SQL(" and not exists (select 1 from {} as k where k.pos = s.ctid)").format(self.skipped)
            if self.rejected or self.duplicates
            else sql.SQL(""),
            sql.SQL(" offset 0") if skipping else sql.SQL(""),
        )


def prepare(number: int, stage: Stage, columns: ColumnMap, *, direct: bool) -> Delta:
    """Compare a stage with its mirror table.

    All rows are cast and compared at once; only when one of them cannot be cast is each value looked at. `direct`
    asks for no comparison, because the mirror table is empty and the stage is large.
    """
    delta = Delta(number, stage, columns, direct=direct)
    _create_tables(delta)
    delta = replace(delta, read=_count_kept(delta))
    delta = replace(delta, filtered=stage.rows - delta.read)
    if direct:
        return replace(delta, inserted=delta.read)
    if stage.rows < ANALYZE_BELOW:
        execute(sql.SQL("analyze {}").format(stage.table))
    try:
        with transaction.atomic():
            _compare(delta)
    except DataError:
        delta = replace(delta, rejected=_reject(delta, among_changes=False))
        _compare(delta)
    else:
        delta = replace(delta, rejected=_reject(delta, among_changes=True))
        if delta.rejected:
            _forget_skipped(delta)
    return _counted(_without_duplicates(delta))


def _create_tables(delta: Delta) -> None:
    for table in (delta.changes, delta.skipped, delta.gone):
        execute(sql.SQL("drop table if exists pg_temp.{}").format(table))
    execute(sql.SQL("create temp table {} (pos tid, column_name text, reason text)").format(delta.skipped))
    execute(sql.SQL("create temp table {} (key varchar primary key, reason text)").format(delta.gone))


def _count_kept(delta: Delta) -> int:
    if delta.columns.kept == sql.SQL("true"):
        return delta.stage.rows
    return int(one(sql.SQL("select count(*) from {} as s where {}").format(delta.stage.table, delta.columns.kept)))


def _compare(delta: Delta) -> None:
    """Fill the table of changes with every row that is new or differs in at least one mapped column."""
    columns, target = delta.columns, delta.columns.target
    old = [
        sql.SQL("{} as {}").format(
            sql.Identifier("m", column) if column else sql.SQL("null::varchar"), sql.Identifier(name)
        )
        for name, column in (("old_customer", target.customer_column), ("old_account", target.account_column))
    ]
    values = [
        sql.SQL("{} as {}").format(column.value, sql.Identifier(f"new_{column.column}")) for column in columns.columns
    ]
    with transaction.atomic():
        _choose_join(delta)
        execute(
            sql.SQL(
                "create temp table {changes} as select s.pos, m.key is null as is_new, {old}, {values}"
                " from {rows} left join {mirror} as m on m.key = {key} where m.key is null or {differs}"
            ).format(
                changes=delta.changes,
                old=sql.SQL(", ").join(old),
                values=sql.SQL(", ").join(values),
                rows=delta.rows(),
                mirror=delta.mirror,
                key=columns.key.value,
                differs=_differs(columns),
            )
        )
    execute(sql.SQL("analyze {}").format(delta.changes))


def _choose_join(delta: Delta) -> None:
    """Keep the planner, which knows nothing of the stage's expressions, from a nested loop over two large tables."""
    execute(sql.SQL("set local work_mem = '128MB'"))
    known = one(
        sql.SQL("select greatest(reltuples, 0)::bigint from pg_class where oid = {}::regclass").format(
            sql.Literal(delta.columns.target.table)
        )
    )
    if delta.stage.rows * LOOK_UP_SHARE > known and delta.stage.rows > 1000:
        execute(sql.SQL("set local enable_nestloop = off"))
        execute(sql.SQL("set local enable_mergejoin = off"))


def _differs(columns: ColumnMap) -> sql.Composable:
    tests = [
        sql.SQL("{} is distinct from {}").format(sql.Identifier("m", column.column), column.value)
        for column in columns.stored
        if column.name != "key"
    ]
    gone = next((column.value for column in columns.columns if column.name == GONE), sql.SQL("false"))
    tests.append(sql.SQL("(m.deleted_at is not null) is distinct from {}").format(gone))
    return sql.SQL(" or ").join(tests)


def _reject(delta: Delta, *, among_changes: bool) -> int:
    """Note every row with a value that its column cannot take, with the first such column and why."""
    problems = sql.SQL(", ").join(
        sql.SQL("({}, {}, {})").format(sql.Literal(number), sql.Literal(column.name), column.problem)
        for number, column in enumerate(delta.columns.columns)
    )
    limit = sql.SQL(" and s.ctid in (select pos from {})").format(delta.changes) if among_changes else sql.SQL("")
    return execute(
        sql.SQL(
            "insert into {skipped} select s.ctid, p.column_name, p.reason from {stage} as s cross join lateral ("
            "select v.column_name, v.reason from (values {problems}) as v (number, column_name, reason)"
            " where v.reason is not null order by v.number limit 1) as p where {kept}{limit}"
        ).format(
            skipped=delta.skipped, stage=delta.stage.table, problems=problems, kept=delta.columns.kept, limit=limit
        )
    )


def _forget_skipped(delta: Delta) -> None:
    execute(sql.SQL("delete from {} as d using {} as k where k.pos = d.pos").format(delta.changes, delta.skipped))


def _without_duplicates(delta: Delta) -> Delta:
    """Of several rows with one key the latest counts (source_modified_at, then position); the others are skipped."""
    if not delta.rejected and not delta.duplicates and _same_keys(delta):
        return replace(delta, same_keys=True)
    modified = next((each.value for each in delta.columns.columns if each.name == "source_modified_at"), None)
    key = delta.columns.key.value
    skipped = execute(
        sql.SQL(
            "insert into {skipped} (pos) with keyed as materialized (select s.pos, {key} as key, {modified} as modified"
            " from {rows}), several as materialized (select key from keyed group by key having count(*) > 1)"
            " select r.pos from (select k.pos, row_number() over (partition by k.key"
            " order by k.modified desc nulls last, k.pos desc) as place"
            " from keyed as k join several as v on v.key = k.key) as r where r.place > 1"
        ).format(
            skipped=delta.skipped,
            key=key,
            modified=modified or sql.SQL("null::timestamptz"),
            rows=delta.rows(),
        )
    )
    delta = replace(delta, duplicates=skipped)
    if skipped:
        _forget_skipped(delta)
    return delta


def duplicate_keys(delta: Delta, most: int) -> list[str]:
    """The first keys that more than one row of the stage has."""
    found = fetch(
        sql.SQL(
            "select distinct {key} as key from {skipped} as k join {stage} as s on s.ctid = k.pos"
            " where k.reason is null order by key limit {most}"
        ).format(key=delta.columns.key.value, skipped=delta.skipped, stage=delta.stage.table, most=sql.Literal(most))
    )
    return [str(key) for (key,) in found]


def _same_keys(delta: Delta) -> bool:
    """Whether the stage holds every live key of the mirror exactly once: equal counts, equal sums of 64-bit hashes."""
    if any(column.name == GONE for column in delta.columns.columns):
        return False
    staged = fetch(
        sql.SQL("select count(*), sum(hashtextextended({}, 0)) from {}").format(delta.columns.key.value, delta.rows())
    )
    live = fetch(
        sql.SQL(
            "select count(*), sum(hashtextextended(key, 0)) from {} where source = {} and deleted_at is null"
        ).format(delta.mirror, delta.source)
    )
    return staged == live


def _counted(delta: Delta) -> Delta:
    inserted, changed = fetch(sql.SQL("select count(*) filter (where is_new), count(*) from {}").format(delta.changes))[
        0
    ]
    return replace(delta, inserted=int(inserted), updated=int(changed - inserted))


def value_of(delta: Delta, name: str) -> sql.Composable | None:
    """The expression of a mapped column over the stage; None where the stream does not deliver it."""
    found: Mapped | None = next((column for column in delta.columns.columns if column.name == name), None)
    return found.value if found else None
