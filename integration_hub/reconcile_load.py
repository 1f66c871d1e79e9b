"""Compares source and mirror after every load: counts, sums per currency and, of whole reads, hashes, per stream and
per company and month where the source can tell them. Every result is kept.

What counts is what the source says of itself. A SnapshotSource speaks of the instant that was read, so a difference
counts at once; of others the ERP may have moved on meanwhile, so it counts when it is still there the next time. Where
a source computes nothing, a whole read is compared as it was delivered. Where the source's checksum says that nothing
changed and no row was sent, the values that stand in the mirror are compared all the same: by counts and sums, and once
in HASHED_EVERY hashed anew on both sides. Rows in quarantine are left out on both sides.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from integration_hub.computing import ComputingSource
from integration_hub.config import hub
from integration_hub.failpoints import reached
from integration_hub.models import Reconciliation, Run, RunKind, StreamRun
from integration_hub.notices import clear_notices, raise_notice
from integration_hub.reconcile_documents import documents, groups_of
from integration_hub.reconcile_figures import (
    Difference,
    Figure,
    Figures,
    Group,
    differences,
    from_totals,
    total,
    without,
    words,
)
from integration_hub.reconcile_hashes import hashed_figures
from integration_hub.reconcile_kept import kept_rows
from integration_hub.reconcile_queries import Grouping, mirror_figures, staged_figures, waiting_figures
from integration_hub.runs import request_run
from integration_hub.sources import SALESFORCE, SnapshotSource, Source, SourceProblem, Totals
from integration_hub.staging import FULL, INCREMENTAL, Staged
from integration_hub.streams import GONE
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_fingerprint import seed_of

log = logging.getLogger(__name__)
HASHED_EVERY = timedelta(hours=1)
KEPT_AGREEING, KEPT_DIFFERING = timedelta(days=60), timedelta(days=400)
SHOWN_WORDS = 5
EVERYTHING: Group = ("", "", "")
DIFFERS, NOT_COMPARED = "differs", "not_compared"
REMEDY = (
    "Open the page Reconciliation: it names company, month and documents. A full sync reads everything again "
    "(manage.py sync --source {source} --full); if it does not help, look at these documents in the ERP."
)


@dataclass(frozen=True)
class Result:
    """One stream compared. `by` is None where the source does not group; `exact`: both sides belong to one instant.
    `named` are the rows behind each difference, where they are known already.
    """

    source: Figures
    mirror: Figures
    found: Sequence[Difference] = ()
    waiting: int = 0
    by: Grouping | None = None
    exact: bool = True
    hash_agrees: bool | None = None
    named: Sequence[list[dict[str, Any]]] | None = None


def reconcile_load(run: Run, source: Source, loads: Sequence[tuple[Staged, Delta]]) -> None:
    """Compare what a run has published; its temporary tables are still there. A source that cannot be asked is a notice
    and no failure: the load itself is done.
    """
    if source.name == SALESFORCE:
        return
    reached("before_reconcile")
    differing = False
    for staged, delta in loads:
        try:
            with transaction.atomic():
                differing |= _one(run, source, staged, delta)
        except (SourceProblem, DatabaseError) as problem:
            log.warning("%s could not be compared with its source: %s", staged.name, type(problem).__name__)
            told = problem.problem if isinstance(problem, SourceProblem) else "the database refused the comparison"
            raise_notice(
                source.name,
                f"{NOT_COMPARED}:{staged.stream.name}",
                f"{staged.name} was loaded, but could not be compared with its source afterwards: {told}",
                "Nothing to do if it happens once: the next load is compared again.",
            )
    if differing:
        # What an incremental read cannot see, such as a deletion, a whole one puts right.
        request_run(RunKind.SYNC, source.name, by="reconciliation", options={"full": True})


def _one(run: Run, source: Source, staged: Staged, delta: Delta) -> bool:
    """Compare one stream and keep the result; whether it began to differ with an incremental read."""
    before = Reconciliation.objects.filter(stream=staged.name, after_load=True).first()
    result = _compared(source, staged, delta, before)
    if result is None:
        return False
    named = result.named
    if named is None:
        named = documents(run.pk, source, staged, delta, result.by, result.found) if result.by else []
    kept = keep(run, staged.name, result, named, before)
    codes = (f"{DIFFERS}:{staged.stream.name}", f"{NOT_COMPARED}:{staged.stream.name}")
    for code in codes:
        if kept.agrees or code != codes[0]:
            clear_notices(source.name, only_kind=code)
    if kept.confirmed:
        raise_notice(source.name, codes[0], f"{staged.name} differs: {kept.detail}", REMEDY.format(source=source.name))
    began = before is None or before.agrees
    # Values that changed here alone, in a stream that did not change at its source, come again with a whole read only.
    return not kept.agrees and began and (staged.mode == INCREMENTAL or staged.stage.unread)


def _compared(source: Source, staged: Staged, delta: Delta, before: Reconciliation | None) -> Result | None:
    """None where nothing can be said: several streams fill the table, or nobody counts."""
    if sum(stream.target == staged.stream.target for stream in source.streams) > 1:
        return None
    if staged.stage.unread and _hash_due(staged.name, before) and (afresh := _hashed(source, staged, delta)):
        return afresh
    totals = _totals(source, staged, delta)
    if totals is None:
        return _as_delivered(staged, delta) if staged.mode == FULL and not staged.stage.unread else None
    by = Grouping.of_totals(totals, delta)
    twice = staged_figures(delta, by, duplicates=True) if delta.duplicates else {}
    waiting = waiting_figures(staged.stream, staged.name, delta, by)
    mirror = mirror_figures(delta, staged.name, by, kept_rows(staged, delta))
    count = sum(figure.rows for figure in waiting.values())
    if not totals.groups:
        there, here = _without_groups(totals, (waiting, twice), mirror)
        return Result(there, here, differences(there, here), count, exact=isinstance(source, SnapshotSource))
    names = {name for _, sums in totals.groups.values() for name in sums}
    there, here = _only(names, without(from_totals(totals), waiting, twice)), _only(names, mirror)
    found = differences(there, here)
    same = not any(each.by_hash for each in found) if by.hashed else None
    return Result(there, here, found, count, by, isinstance(source, SnapshotSource), same)


def _hash_due(name: str, before: Reconciliation | None) -> bool:
    """Whether counts and sums are not enough: where they differed last, only a hash can say that all is well again."""
    if before is None or not before.agrees:
        return True
    hashed = Reconciliation.objects.filter(stream=name, agrees=True, hash_agrees=True)
    return not hashed.filter(checked_at__gt=timezone.now() - HASHED_EVERY).exists()


def _hashed(source: Source, staged: Staged, delta: Delta) -> Result | None:
    """Both sides by hashes of the values that stand there now; None where they cannot be computed."""
    if not isinstance(source, ComputingSource):
        return None
    found = hashed_figures(source, staged.stream, staged.state)
    if found is None:
        return None
    by = replace(Grouping.of_delta(delta), hashed=True)
    return Result(
        found.source,
        found.mirror,
        found.found,
        found.waiting,
        by,
        isinstance(source, SnapshotSource),
        hash_agrees=not any(each.by_hash for each in found.found),
        named=found.documents,
    )


def _totals(source: Source, staged: Staged, delta: Delta) -> Totals | None:
    """What the source says of the whole stream. A file would have to be read once more, only to count its lines."""
    if hub().source(source.name).kind == "files" or GONE in delta.columns.names:
        return None
    if staged.mode == INCREMENTAL and _delivers_twice(staged.name):
        return None
    if isinstance(source, SnapshotSource):
        # A stream without a cursor is read whole every time, and its quiet reads are hashed anew.
        hashed = staged.mode == FULL and staged.stream.cursor
        return source.hashed_totals(staged.stream, tuple(delta.columns.used) if hashed else (), seed_of(delta.columns))
    return source.totals(staged.stream)


def _delivers_twice(name: str) -> bool:
    """Whether the last whole read brought keys twice: which of them count, a later count cannot know."""
    whole = StreamRun.objects.filter(stream=name, mode=FULL).order_by("-id").first()
    return whole is not None and whole.duplicates > 0


def _as_delivered(staged: Staged, delta: Delta) -> Result | None:
    """What was read against the mirror. A delivery that is not the whole content says nothing of other rows."""
    if not staged.complete:
        return None
    by = replace(Grouping.of_delta(delta), hashed=True)
    there, mirror = staged_figures(delta, by), mirror_figures(delta, staged.name, by, kept_rows(staged, delta))
    found = differences(there, mirror)
    return Result(there, mirror, found, delta.rejected, by, hash_agrees=not any(each.by_hash for each in found))


def _only(names: Collection[str], figures: Figures) -> Figures:
    """The figures with the sums that the source computes."""
    return {
        group: replace(figure, sums={name: amount for name, amount in figure.sums.items() if name in names})
        for group, figure in figures.items()
    }


def _without_groups(totals: Totals, left_out: Sequence[Figures], mirror: Figures) -> tuple[Figures, Figures]:
    """One figure with all rows and one per currency with the sums, of the source and of the mirror."""
    there = {EVERYTHING: Figure(totals.rows - sum(each.rows for part in left_out for each in part.values()))}
    here = {EVERYTHING: Figure(sum(each.rows for each in mirror.values()))}
    for name, by_currency in totals.sums.items():
        for currency in by_currency.keys() | {group[2] for group in mirror}:
            less = sum((_sum_of(part, currency, name) for part in left_out), Decimal(0))
            _add(there, currency, name, by_currency.get(currency, Decimal(0)) - less)
            _add(here, currency, name, _sum_of(mirror, currency, name))
    return there, here


def _sum_of(figures: Figures, currency: str, name: str) -> Decimal:
    found = (figure.sums.get(name, Decimal(0)) for group, figure in figures.items() if group[2] == currency)
    return sum(found, Decimal(0))


def _add(figures: dict[Group, Figure], currency: str, name: str, amount: Decimal) -> None:
    known = figures.get(("", "", currency), Figure())
    figures["", "", currency] = replace(known, sums={**known.sums, name: amount})


def keep(
    run: Run, name: str, result: Result, named: Sequence[Any], before: Reconciliation | None, *, after_load: bool = True
) -> Reconciliation:
    """Store a comparison, and forget those that are old."""
    now = timezone.now()
    source_rows, source_sums = total(result.source)
    mirror_rows, mirror_sums = total(result.mirror)
    agrees = not result.found
    Reconciliation.objects.filter(stream=name, checked_at__lt=now - KEPT_DIFFERING).delete()
    before_it = Reconciliation.objects.filter(stream=name, pk__lt=OuterRef("pk")).order_by("-id").values("agrees")
    old = Reconciliation.objects.filter(stream=name, agrees=True, checked_at__lt=now - KEPT_AGREEING)
    # What ended a difference says until when it stood: it is kept as long as that.
    old.annotate(agreed_before=Subquery(before_it[:1])).filter(Q(agreed_before=True) | Q(agreed_before=None)).delete()
    told = list(words(result.found))
    more = f" And {len(told) - SHOWN_WORDS:,} more." if len(told) > SHOWN_WORDS else ""
    groups = groups_of(result.found, named)
    return Reconciliation.objects.create(
        run_ref=run,
        stream=name,
        source_rows=source_rows + result.waiting,
        mirror_rows=mirror_rows,
        source_sums=source_sums,
        mirror_sums=mirror_sums,
        agrees=agrees,
        detail=" ".join(told[:SHOWN_WORDS]) + more,
        after_load=after_load,
        groups=groups,
        compared_groups=len(result.source.keys() | result.mirror.keys()) if result.by else 0,
        hash_agrees=result.hash_agrees,
        waiting=result.waiting,
        since=None if agrees else (before.since if before and not before.agrees and before.since else now),
        confirmed=bool(result.found) and (result.exact or _was_there(groups, before)),
    )


def _was_there(groups: Sequence[dict[str, Any]], before: Reconciliation | None) -> bool:
    """Whether one of the groups differed the last time too."""
    if before is None or before.agrees:
        return False
    names = ("company", "month", "currency")
    known = {tuple(group[name] for name in names) for group in before.groups}
    return any(tuple(group[name] for name in names) in known for group in groups)
