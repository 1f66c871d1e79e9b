"""Publishes what was prepared: mirror, rollups, ledger and cursors in one transaction. A kill at any point leaves the
previous state whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from integration_hub import cursor_marks, locks, unusual_amounts, warehouse_beside
from integration_hub.completeness import reach
from integration_hub.config import hub
from integration_hub.failpoints import reached
from integration_hub.gaps import gap_words
from integration_hub.models import ReadCheckpoint, RejectedRow, Run, RunKind, RunStatus, StreamRun, StreamState
from integration_hub.notices import clear_notices, raise_notice
from integration_hub.replayed import settle_replayed
from integration_hub.run_lists import list_rows
from integration_hub.runs import Outcome, settle
from integration_hub.shapes import CODES, tell_shape
from integration_hub.staging import BY_KEY, FULL, REPLAY, SWEEP, Staged
from integration_hub.streams import full_name
from integration_hub.timing.families import streams_of
from integration_hub.unusual_amounts import Unusual, unusual
from integration_hub.warehouse_delta import Delta, came_gone, cut_texts, duplicate_keys
from integration_hub.warehouse_gone import CLOSED, Guard
from integration_hub.warehouse_merge import Stamp, bury_gone, merge
from integration_hub.warehouse_rejects import keep_rejected, resolve_rejected
from integration_hub.warehouse_touched import create_touched, drop_touched, inherit_customers


@dataclass(frozen=True)
class Publication:
    """What publish hooks are told. `as_of` is the company's local day; `full` asks for everything to be recomputed.

    While hooks run these temporary tables exist: touched_customer(key) and touched_account(key) with old and new
    owners of every changed row, and changed_table(name).
    """

    run: Run
    source: str
    as_of: date
    full: bool


@dataclass(frozen=True)
class Prepared:
    """One stream, ready to be published; `guard` says why rows that seem to have left are kept."""

    staged: Staged
    delta: Delta
    guard: Guard | None


Hook = Callable[[Publication], int]
SHOWN_KEYS = 5
SWEPT = "sweep_"  # how the codes of notices begin that a comparison of ids raises


def publish(
    publication: Publication,
    prepared: Sequence[Prepared],
    unread: Sequence[str],
    delivered: Mapping[str, frozenset[str]],
) -> Outcome:
    """Write everything and finish the run.

    `unread` are streams that had nothing new; `delivered` are the field names that the source has for each table.

    Raises NotOursError when the run was taken over meanwhile, and DirectLoadError for a first load with a bad row.
    """
    run = publication.run
    reached("before_publish")
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        create_touched()
        stamp = Stamp(run.pk, timezone.now())
        deleted = [_merge(each, stamp) for each in prepared]
        by_table: dict[str, list[Delta]] = {}
        for each in prepared:
            by_table.setdefault(each.delta.columns.target.table, []).append(each.delta)
        for table, names in delivered.items():
            inherit_customers(table, names, by_table)
        touched = sum(cast("Hook", import_string(name))(publication) for name in settings.PUBLISH_HOOKS)
        reached("after_hooks")
        for each, gone in zip(prepared, deleted, strict=True):
            _record(stamp, run, each, gone)
        _record_unread(publication, unread, [each.staged.name for each in prepared])
        outcome = _outcome(prepared, touched)
        settle(run, outcome)
        drop_touched()
        warehouse_beside.put_in_place()
        reached("before_commit")
    return outcome


def _merge(prepared: Prepared, stamp: Stamp) -> int:
    merge(prepared.delta, stamp)
    has_status = "status" in prepared.delta.columns.target.fields
    return bury_gone(prepared.delta, stamp, closes=prepared.staged.stream.gone_reason == CLOSED and has_status)


def _record(stamp: Stamp, run: Run, prepared: Prepared, gone: int) -> None:
    """The stream's result, its rejected rows, its notices, and its new state."""
    staged, delta = prepared.staged, prepared.delta
    found = _unusual(prepared)
    StreamRun.objects.create(
        run_ref=run,
        stream=staged.name,
        mode=staged.mode,
        read=delta.read,
        inserted=delta.inserted,
        updated=delta.updated,
        unchanged=delta.loaded - delta.inserted - delta.updated,
        deleted=gone,
        rejected=delta.rejected,
        duplicates=delta.duplicates,
        cursor_before=staged.state.cursor,
        cursor_after=staged.cursor,
        seconds=staged.seconds,
        note=" ".join([*notes(prepared), *came_gone(delta, stamp.at), *([found.words] if found else [])]),
        api_calls=None if staged.beside else staged.api_calls,
        bytes_read=None if staged.beside else staged.bytes_read,
    )
    list_rows(run, staged.name, delta)
    if staged.mode == REPLAY:
        settle_replayed(run, delta)
        _record_some(prepared)
        return
    keep_rejected(run, staged.name, delta, stamp.at)
    resolve_rejected(staged.name, delta, stamp.at, whole=staged.mode == FULL and staged.complete)
    if staged.mode == SWEEP:
        _tell_of_sweep(prepared)
        return
    if staged.mode == BY_KEY:
        _record_some(prepared)
        return
    _tell(prepared, found)
    state = staged.state
    state.cursor, state.fingerprint, state.as_of = staged.cursor, staged.fingerprint, staged.as_of
    state.columns, state.attempted_at, state.problem = list(staged.delivered), timezone.now(), _gaps(prepared)
    state.shape, state.missing = dict(staged.shape.fields), sorted(staged.missing)
    if staged.mode == FULL:
        state.full_as_of = staged.as_of
    ReadCheckpoint.objects.filter(pk=staged.name).delete()
    model = delta.columns.target.model
    if delta.direct or delta.inserted + delta.updated or gone:
        state.since, state.changed_at = reach(delta, state, whole=delta.direct or staged.mode == FULL)
    state.rows = model.objects.filter(source=delta.columns.source, deleted_at=None).count()
    state.save()


def _unusual(prepared: Prepared) -> Unusual | None:
    """Documents whose amounts are far beyond the usual; of an org there are none."""
    staged = prepared.staged
    name = prepared.delta.columns.source
    known = next((source for source in hub().sources if source.name == name), None)
    return unusual(prepared.delta, whole=staged.mode == FULL, factor=known.unusual_factor) if known else None


def _record_some(prepared: Prepared) -> None:
    """What a stream has now that some rows of it came; where it stands is the matter of its own reads alone."""
    name, columns = prepared.staged.name, prepared.delta.columns
    rows = columns.target.model.objects.filter(source=columns.source, deleted_at=None).count()
    StreamState.objects.filter(pk=name).update(rows=rows, problem=_gaps(prepared))


def _record_unread(publication: Publication, unread: Sequence[str], read: Sequence[str]) -> None:
    """The state of streams that had nothing new; one that hub.toml no longer has keeps no problem."""
    if publication.run.kind == RunKind.REPLAY:
        return
    for name in unread:
        StreamState.objects.filter(stream=name).update(attempted_at=timezone.now(), problem=_gaps_before(name))
    # One that was left out, because it is paused or was not asked for, keeps what it lacks.
    known = [full_name(publication.source, stream) for stream in streams_of(publication.source)]
    left = StreamState.objects.filter(source=publication.source).exclude(stream__in=[*known, *read])
    left.exclude(problem="").update(problem="")


def _gaps(prepared: Prepared) -> str:
    """What is missing although the stream was read; between full reads rows that were rejected earlier count too."""
    staged = prepared.staged
    if staged.mode == FULL:
        return gap_words(staged.name, prepared.delta.rejected)
    whole = _published(staged.name).filter(mode=FULL).first()
    waiting = RejectedRow.objects.filter(stream=staged.name, resolved_at=None)
    return gap_words(staged.name, waiting.filter(run_ref__gte=whole.run_ref_id if whole else 0).count())


def _gaps_before(stream: str) -> str:
    """The same for a stream that had nothing new: as its last read left it."""
    last = _published(stream).first()
    return gap_words(stream, last.rejected if last else 0)


def _published(stream: str) -> QuerySet[StreamRun]:
    """The stream's reads that were published, the latest first."""
    good = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)
    return StreamRun.objects.filter(stream=stream, run_ref__status__in=good).order_by("-id")


def notes(prepared: Prepared) -> list[str]:
    """What a person should know of the stream's load, in sentences."""
    found = list(prepared.staged.notes)
    if prepared.delta.filtered:
        found.append(f"{prepared.delta.filtered:,} rows were left out by the stream's filters.")
    if cut := cut_texts(prepared.delta):
        which = "1 text was longer than its column and is" if cut == 1 else f"{cut:,} rows have texts that are"
        found.append(f"{which} cut; the end is marked with an ellipsis.")
    if prepared.delta.duplicates and prepared.staged.stream.delivery == "full":
        found.append(_delivered_twice(prepared.delta))
    if prepared.guard:
        found.append(prepared.guard.text)
    return found


def _delivered_twice(delta: Delta) -> str:
    named = ", ".join(duplicate_keys(delta, SHOWN_KEYS))
    more = " and more" if delta.duplicates > SHOWN_KEYS else ""
    return f"Keys that were delivered twice: {named}{more}. Of each the latest row counts, the others were left out."


def _tell(prepared: Prepared, found: Unusual | None) -> None:
    """Raise what holds now, clear what no longer does."""
    staged, raised = prepared.staged, set()
    if prepared.guard:
        raise_notice(staged.name, prepared.guard.code, prepared.guard.text, prepared.guard.remedy)
        raised.add(prepared.guard.code)
    # In files of changed rows a key comes again whenever its row changes.
    if prepared.delta.duplicates and staged.stream.delivery == "full":
        remedy = "Make the key unique in the source, or in the columns that hub.toml joins to a key."
        raise_notice(staged.name, "duplicate_keys", _delivered_twice(prepared.delta), remedy)
        raised.add("duplicate_keys")
    if found:
        raise_notice(staged.name, unusual_amounts.CODE, found.words, unusual_amounts.REMEDY)
    if found or staged.mode != FULL:
        # Only a whole read looks at those again that were found before.
        raised.add(unusual_amounts.CODE)
    if staged.doubt:
        raise_notice(staged.name, cursor_marks.CODE, staged.doubt, cursor_marks.REMEDY)
    if staged.doubt or staged.mode != FULL:
        raised.add(cursor_marks.CODE)
    before = set(staged.state.columns)
    new = [name for name in prepared.delta.columns.unused if before and name not in before]
    if new:
        raise_notice(
            staged.name,
            "new_column",
            f"The source delivers new columns that are not loaded: {', '.join(new)}.",
            "Map them in hub.toml if they are wanted.",
        )
    tell_shape(staged.name, staged.shape, missing=staged.missing, whole=staged.mode == FULL)
    clear_notices(staged.name, except_codes=frozenset(raised | {"new_column"}), except_kinds=(*CODES, SWEPT))


def _tell_of_sweep(prepared: Prepared) -> None:
    """Raise what the comparison of ids found, clear what an earlier one did; nothing else is known."""
    subject, guard = prepared.staged.name, prepared.guard
    if guard:
        raise_notice(subject, guard.code, guard.text, guard.remedy)
    clear_notices(subject, only_kind=SWEPT, except_codes=frozenset({guard.code} if guard else ()))


def _outcome(prepared: Sequence[Prepared], touched: int) -> Outcome:
    counts = {"accounts_touched": touched, "api_calls": sum(each.staged.api_calls for each in prepared)}
    unread = _named({each.staged.stream.name: each.delta.rejected - each.delta.held for each in prepared})
    held = _named({each.staged.stream.name: each.delta.held for each in prepared})
    if not unread and not held:
        return Outcome(counts=counts)
    problems = [f"Some rows could not be read: {unread}."] if unread else []
    if held:
        problems.append(f"Documents that do not fit together are in quarantine with all their rows: {held}.")
    return Outcome(
        RunStatus.PARTIAL,
        " ".join(problems),
        "Everything else is published. A rejected row keeps the state it had before; new ones are missing.",
        "Open the rejected rows of this run: each says its column and reason. Corrected ones are read again.",
        counts,
    )


def _named(rows: Mapping[str, int]) -> str:
    """ "3 of orders, 12 of order_lines"; empty when there are none."""
    return ", ".join(f"{count:,} of {name}" for name, count in rows.items() if count)
