"""Proves the mirror: reads a source whole once more, and compares rows, sums and contents with what is stored."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils import timezone
from psycopg import sql

from integration_hub.computing import ComputingSource
from integration_hub.config import StreamConfig
from integration_hub.models import Reconciliation, RejectedRow, Run
from integration_hub.models.common import MoneyField
from integration_hub.reconcile_compared import SHOWN_KEYS, Compared, Sums, changed_words, extra_words, rows_words
from integration_hub.reconcile_documents import documents, groups_of
from integration_hub.reconcile_figures import differences, words
from integration_hub.reconcile_hashes import compared_by_hashes
from integration_hub.reconcile_kept import kept_rows
from integration_hub.reconcile_queries import Grouping, free_of_waiting, mirror_figures, not_waiting, staged_figures
from integration_hub.sources import Source, Totals, opened_source
from integration_hub.staging import FULL, Reading, Staged, plan_reading, stage_beside, stage_stream
from integration_hub.warehouse import drop_stage, fetch, one, purge_stages
from integration_hub.warehouse_compare import prepare
from integration_hub.warehouse_delta import Delta, drop_tables, value_of
from integration_hub.warehouse_gone import CLOSED


def reconcile(run: Run) -> list[Compared]:
    """Compare every stream of the run's source and keep the results. Changes nothing in the mirror.

    Raises SourceProblem when the source cannot be read. What changed in the source since its last sync is a difference.
    """
    with opened_source(run.subject) as source:
        return _reconcile(run, source)


def _reconcile(run: Run, source: Source) -> list[Compared]:
    purge_stages()
    source.check()
    compared: list[Compared] = []
    for stream in (each for each in source.streams if not each.within):
        reading = _whole(source, stream)
        if isinstance(source, ComputingSource) and (found := compared_by_hashes(source, stream, reading)):
            _keep(run, found)
            compared.append(found)
            continue
        documents = stage_stream(source, stream, reading, run.pk)
        beside = [each for each in source.streams if each.within == stream.name]
        staged = [documents, *(stage_beside(source, each, documents, asked=True) for each in beside)]
        try:
            for each in staged:
                compared.append(_compared(run, source, each, len(compared)))
        finally:
            for each in staged:
                drop_stage(each.stage)
    return compared


def _compared(run: Run, source: Source, staged: Staged, number: int) -> Compared:
    in_order = staged.stream.delivery == "delta"
    delta = prepare(number, staged.stage, staged.columns, direct=False, every_value=True, in_order=in_order)
    result = _compare(run.pk, source, staged, delta)
    drop_tables(delta)
    _keep(run, result)
    return result


def _whole(source: Source, stream: StreamConfig) -> Reading:
    planned = plan_reading(source, stream, full=True, full_every_hours=0, now=timezone.now())
    return Reading(planned.state, FULL, None, every_value=True, shape=planned.shape)


def _keep(run: Run, result: Compared) -> None:
    Reconciliation.objects.create(
        run_ref=run,
        stream=result.stream,
        source_rows=result.source_rows,
        mirror_rows=result.mirror_rows,
        source_sums=result.source_sums,
        mirror_sums=result.mirror_sums,
        agrees=result.agrees,
        detail=result.detail,
        groups=result.groups,
        waiting=result.waiting,
    )


def _compare(run: int, source: Source, staged: Staged, delta: Delta) -> Compared:
    shared = sum(stream.target == staged.stream.target for stream in source.streams) > 1
    # Files of changed rows hold some of the rows only.
    scope = _scope(staged.stream, delta, shared=shared or staged.mode != FULL)
    kept = kept_rows(staged, delta)
    known = sql.SQL("{} and {}").format(scope, not_waiting(delta, staged.name, kept))
    mirror_rows = int(one(sql.SQL("select count(*) from {} as m where {}").format(delta.mirror, known)))
    source_sums, mirror_sums = _source_sums(delta, staged.name), _mirror_sums(delta, known)
    by = Grouping.of_delta(delta)
    # Where several streams fill a table, it is not known which rows of the mirror belong to this one.
    found = (
        []
        if shared
        else differences(
            staged_figures(delta, by, without_waiting=staged.name),
            mirror_figures(delta, staged.name, by, kept),
        )
    )
    waiting = RejectedRow.objects.filter(stream=staged.name, resolved_at=None).count()
    findings = [*_changed(delta, staged.name), *_missing(delta, known), *list(words(found))[:SHOWN_KEYS]]
    findings += _rejected(delta) if delta.rejected > waiting else []
    live = _live_rows(delta)
    # What waits in quarantine is in the source's own sums, and cannot be taken out of them where it is unreadable.
    findings += _own_totals(source.totals(staged.stream), live + delta.rejected, {} if waiting else source_sums)
    groups = groups_of(found, documents(run, source, staged, delta, by, found))
    return Compared(
        staged.name, live + delta.rejected, mirror_rows, source_sums, mirror_sums, " ".join(findings), groups, waiting
    )


def _live_rows(delta: Delta) -> int:
    """Rows of the source that it does not itself call gone."""
    gone = value_of(delta, "gone")
    if gone is None:
        return delta.loaded
    return int(one(sql.SQL("select count(*) from {} where not {}").format(delta.rows(), gone)))


def _scope(stream: StreamConfig, delta: Delta, *, shared: bool) -> sql.Composable:
    """The mirror's rows to compare: none of a document that was closed when it left the source; where several streams
    fill one table, only those that this one delivers.
    """
    scope = sql.SQL("m.source = {} and m.deleted_at is null and m.gone_reason <> 'closed'").format(delta.source)
    if stream.gone_reason == CLOSED and stream.parent:
        target = delta.columns.target
        scope += sql.SQL(
            " and not exists (select 1 from {} as d where d.key = {} and d.gone_reason = 'closed')"
        ).format(
            sql.Identifier(target.parent_table(stream.parent)),
            sql.Identifier("m", str(target.fields[stream.parent].column)),
        )
    if shared:
        keys = sql.SQL(" and m.key in (select {} from {})").format(delta.columns.key.value, delta.rows())
        return scope + keys
    return scope


def _changed(delta: Delta, name: str) -> list[str]:
    """What is missing here or has other values, without what is known to wait in quarantine."""
    if not delta.inserted + delta.updated:
        return []
    rows = sql.SQL(
        "from {} where new_key not in (select key from hub_rejected_row where stream = {} and resolved_at is null)"
    ).format(delta.changes, sql.Literal(name))
    missing, others = fetch(
        sql.SQL("select count(*) filter (where is_new), count(*) filter (where not is_new) ") + rows
    )[0]
    keys = fetch(sql.SQL("select new_key ") + rows + sql.SQL(f" order by is_new desc, new_key limit {SHOWN_KEYS}"))
    return changed_words(missing, others, ", ".join(str(key) for (key,) in keys))


def _missing(delta: Delta, scope: sql.Composable) -> list[str]:
    if delta.same_keys:
        return []
    left = sql.SQL(
        "from {} as m where {} and not exists (select 1 from (select {} as key from {}) as h where h.key = m.key)"
    )
    rows = left.format(delta.mirror, scope, delta.columns.key.value, delta.rows())
    count = int(one(sql.SQL("select count(*) ") + rows))
    if not count:
        return []
    keys = fetch(sql.SQL("select m.key ") + rows + sql.SQL(" order by m.key limit {}").format(SHOWN_KEYS))
    return extra_words(count, ", ".join(str(key) for (key,) in keys))


def _rejected(delta: Delta) -> list[str]:
    return (
        [f"{rows_words(delta.rejected, 'of the source cannot be read', 'of the source cannot be read')}."]
        if delta.rejected
        else []
    )


def _money(delta: Delta) -> list[str]:
    fields = delta.columns.target.fields
    return [name for name in delta.columns.names if isinstance(fields.get(name), MoneyField)]


def _source_sums(delta: Delta, name: str) -> Sums:
    """Of the rows that are compared: without those of the stream "<source>.<stream>" that wait in quarantine."""
    currency = value_of(delta, "currency") or sql.SQL("''")
    gone = value_of(delta, "gone") or sql.SQL("false")
    values = {name: value_of(delta, name) for name in _money(delta)}
    wanted = {name: value for name, value in values.items() if value is not None}
    compared = sql.SQL("{} where not {} and {}").format(delta.rows(), gone, free_of_waiting(delta, name))
    return _sums(wanted, currency, compared)


def _mirror_sums(delta: Delta, scope: sql.Composable) -> Sums:
    known = "currency" in delta.columns.names
    currency = sql.Identifier("m", "currency") if known else sql.SQL("''")
    columns = {name: sql.Identifier("m", name) for name in _money(delta)}
    return _sums(columns, currency, sql.SQL("{} as m where {}").format(delta.mirror, scope))


def _sums(columns: Mapping[str, sql.Composable], currency: sql.Composable, rows: sql.Composable) -> Sums:
    """Exact sums per column and currency; trailing zeros do not count."""
    if not columns:
        return {}
    names = sorted(columns)
    sums = sql.SQL(", ").join(sql.SQL("trim_scale(coalesce(sum({}), 0))::text").format(columns[name]) for name in names)
    found = fetch(sql.SQL("select coalesce({}, ''), {} from {} group by 1 order by 1").format(currency, sums, rows))
    return {name: {str(row[0]): str(row[number]) for row in found} for number, name in enumerate(names, 1)}


def _own_totals(totals: Totals | None, rows: int, sums: Sums) -> list[str]:
    """What the source computed by itself against what arrived here."""
    if totals is None:
        return []
    findings = []
    if totals.rows != rows:
        findings.append(f"The source counts {totals.rows:,} rows, but {rows:,} arrived.")
    for column, by_currency in totals.sums.items():
        for currency, amount in by_currency.items():
            arrived = sums.get(column, {}).get(currency)
            if column in sums and (arrived is None or Decimal(arrived) != amount):
                findings.append(f"The source sums {column} to {amount} {currency}, but {arrived or 0} arrived.")
    return findings
