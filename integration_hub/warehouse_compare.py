"""What a stage would change in the mirror: rows that differ, rows refused, rows delivered twice. Writes only temporary
tables; nothing is published here.
"""

from dataclasses import replace

from django.db import DataError, transaction
from psycopg import sql

from integration_hub.columns import ColumnMap
from integration_hub.streams import GONE
from integration_hub.warehouse import Stage, execute, fetch, one
from integration_hub.warehouse_delta import Delta, drop_tables
from integration_hub.warehouse_fingerprint import set_aside_same, staged_fingerprint

# Below this share of the mirror's rows the stage looks its partners up one by one; above, both are hashed once.
LOOK_UP_SHARE = 20
# A larger stage is hashed whatever its statistics say.
ANALYZE_BELOW = 100_000
# From so many rows on, keys and fingerprints are compared first, without the width of the rows.
NARROW_FROM = 5_000


def prepare(
    number: int, stage: Stage, columns: ColumnMap, *, direct: bool, every_value: bool, in_order: bool = False
) -> Delta:
    """Compare a stage with its mirror table.

    Rows are cast and compared at once, those with a known fingerprint only where `every_value` asks for it; only when
    one of them cannot be cast is each value looked at. `direct` asks for no comparison, because the mirror table is
    empty and the stage is large. `in_order`: of several rows with one key the last counts, whatever its time says.
    """
    delta = Delta(number, stage, columns, direct=direct)
    _create_tables(delta)
    if stage.unread:
        _find_changes(delta, delta.rows(), every_value=False, execute_it=False)
        return replace(delta, read=stage.rows, same_keys=True)
    delta = replace(delta, read=_count_kept(delta))
    delta = replace(delta, filtered=stage.rows - delta.read)
    if direct:
        return replace(delta, inserted=delta.read)
    if stage.rows < ANALYZE_BELOW:
        execute(sql.SQL("analyze {}").format(stage.table))
    try:
        with transaction.atomic():
            delta = _compare(delta, every_value=every_value)
    except DataError:
        delta = replace(delta, rejected=_reject(delta, among_changes=False))
        delta = _compare(delta, every_value=every_value)
    else:
        delta = replace(delta, rejected=_reject(delta, among_changes=True))
        if delta.rejected:
            forget_skipped(delta)
    return counted(_without_duplicates(delta, in_order=in_order))


def _create_tables(delta: Delta) -> None:
    drop_tables(delta)
    execute(
        sql.SQL("create temp table {} (pos tid, column_name text, reason text, document text)").format(delta.skipped)
    )
    execute(sql.SQL("create temp table {} (key varchar primary key, reason text)").format(delta.gone))


def _count_kept(delta: Delta) -> int:
    if delta.columns.kept == sql.SQL("true"):
        return delta.stage.rows
    return int(one(sql.SQL("select count(*) from {} as s where {}").format(delta.stage.table, delta.columns.kept)))


def _compare(delta: Delta, *, every_value: bool) -> Delta:
    """Fill the table of changes with every row that is new or differs in at least one mapped column."""
    with transaction.atomic():
        few = not every_value and delta.stage.rows >= NARROW_FROM and _few_candidates(delta)
        if not few:
            _choose_join(delta)
        _find_changes(delta, delta.rows(candidates=few), every_value=every_value)
        delta = set_aside_same(delta)
    execute(sql.SQL("analyze {}").format(delta.changes))
    return delta


def _few_candidates(delta: Delta) -> bool:
    """List the rows whose text is not known; whether they are so few that they are looked up one by one.

    The join sees nothing but keys and fingerprints, so that its hash table stays small.
    """
    with transaction.atomic():
        _choose_join(delta)
        found = execute(
            sql.SQL(
                "create temp table {candidates} as select s.pos from {rows}"
                " left join {mirror} as m on m.key = {key} where {unknown}"
            ).format(
                candidates=delta.candidates,
                rows=delta.rows(),
                mirror=delta.mirror,
                key=delta.columns.key.value,
                unknown=_unknown(delta.columns),
            )
        )
        for name in ("work_mem", "enable_nestloop", "enable_mergejoin"):
            execute(sql.SQL("set local {} to default").format(sql.SQL(name)))
    return found * LOOK_UP_SHARE <= delta.stage.rows


def _find_changes(delta: Delta, rows: sql.Composable, *, every_value: bool, execute_it: bool = True) -> None:
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
    differs = _differs(columns)
    unknown = _unknown(columns)
    execute(
        sql.SQL(
            "create temp table {changes} as select s.pos, {fingerprint} as fingerprint, m.key is null as is_new,"
            " m.key is not null and not ({differs}) as is_same, {old}, {values}"
            " from {rows} left join {mirror} as m on m.key = {key} where {wanted}{data}"
        ).format(
            changes=delta.changes,
            fingerprint=staged_fingerprint(columns),
            differs=differs,
            old=sql.SQL(", ").join(old),
            values=sql.SQL(", ").join(values),
            rows=rows,
            mirror=delta.mirror,
            key=columns.key.value,
            wanted=sql.SQL("{} or {}").format(unknown, differs) if every_value else unknown,
            data=sql.SQL("" if execute_it else " with no data"),
        )
    )


def _unknown(columns: ColumnMap) -> sql.Composable:
    """Whether a row of the stage may differ from the mirror's: no such key, gone there, or read from another text."""
    gone = sql.SQL("" if _says_gone(columns) else " or m.deleted_at is not null")
    return sql.SQL("m.key is null or m.fingerprint is distinct from {}{}").format(staged_fingerprint(columns), gone)


def _says_gone(columns: ColumnMap) -> bool:
    return any(column.name == GONE for column in columns.columns)


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
    tests.append(sql.SQL("(m.deleted_at is not null or m.gone_reason = 'closed') is distinct from {}").format(gone))
    return sql.SQL(" or ").join(tests)


def _reject(delta: Delta, *, among_changes: bool) -> int:
    """Note every row with a value that its column cannot take, with the first such column and why.

    One expression per row, "column:reason", because PostgreSQL prepares the expressions of a lateral VALUES list anew
    for every row, which took longer than the tests themselves.
    """
    problems = sql.SQL(", ").join(
        sql.SQL("{} || ({})").format(sql.Literal(f"{column.name}:"), column.problem) for column in delta.columns.columns
    )
    limit = sql.SQL(" and s.ctid in (select pos from {})").format(delta.changes) if among_changes else sql.SQL("")
    return execute(
        sql.SQL(
            "insert into {skipped} select p.pos, split_part(p.problem, ':', 1),"
            " substr(p.problem, strpos(p.problem, ':') + 1) from (select s.ctid as pos, coalesce({problems}) as problem"
            " from {stage} as s where {kept}{limit} offset 0) as p where p.problem is not null"
        ).format(
            skipped=delta.skipped, stage=delta.stage.table, problems=problems, kept=delta.columns.kept, limit=limit
        )
    )


def forget_skipped(delta: Delta) -> None:
    """Take rows that are not loaded out of the changes."""
    execute(sql.SQL("delete from {} as d using {} as k where k.pos = d.pos").format(delta.changes, delta.skipped))


def _without_duplicates(delta: Delta, *, in_order: bool) -> Delta:
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
            modified=modified if modified is not None and not in_order else sql.SQL("null::timestamptz"),
            rows=delta.rows(),
        )
    )
    delta = replace(delta, duplicates=skipped)
    if skipped:
        forget_skipped(delta)
    return delta


def _same_keys(delta: Delta) -> bool:
    """Whether the stage holds every live key of the mirror exactly once: equal counts, equal sums of 64-bit hashes."""
    if _says_gone(delta.columns):
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


def counted(delta: Delta) -> Delta:
    """The delta with the number of its new and its changed rows."""
    inserted, changed = fetch(sql.SQL("select count(*) filter (where is_new), count(*) from {}").format(delta.changes))[
        0
    ]
    return replace(delta, inserted=int(inserted), updated=int(changed - inserted))
