"""Stops a run before anything is published when too large a share of a delivery is bad."""

from django.utils import timezone

from integration_hub.models import Run, StreamRun
from integration_hub.sources import SourceProblem
from integration_hub.staging import FULL, Staged
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_documents import PARTS
from integration_hub.warehouse_rejects import keep_rejected

# Fewer rejected rows than this never stop a run, however small the delivery is, unless every row of it is rejected.
STOP_FROM_ROWS = 10


def stop_if_broken(run: Run, staged: Staged, delta: Delta, limit: float) -> None:
    """Raise SourceProblem when more than the share `limit` of a stream could not be read. The rejected rows are kept
    to be seen.
    """
    whole = staged.mode == FULL
    if delta.rejected <= limit * _rows(staged, delta):
        return
    # The only row that changed since the last read may well be a bad one: the cursor has to get past it.
    if limit > 0 and delta.rejected < STOP_FROM_ROWS and (delta.rejected < delta.read or not whole):
        return
    _keep(run, staged, delta)
    raise SourceProblem(
        f'{delta.rejected:,} of {delta.read:,} rows of "{staged.stream.name}" could not be read, '
        f"more than the limit of {limit:.1%}.",
        "So many bad rows mean a broken delivery. Nothing of this run was published; what was loaded before stays.",
        "Open the rejected rows of this run: each says its column and reason. Correct the source or the column map "
        "in hub.toml, or raise max_rejected_share.",
    )


def stop_if_misfitting(run: Run, staged: Staged, delta: Delta, limit: float) -> None:
    """Raise SourceProblem when more than the share `limit` of all documents do not fit together; a few never stop."""
    documents = delta.columns.target.table in PARTS
    if not documents or delta.held < STOP_FROM_ROWS or delta.held <= limit * _rows(staged, delta):
        return
    _keep(run, staged, delta)
    raise SourceProblem(
        f'{delta.held:,} of {delta.read:,} documents of "{staged.stream.name}" do not fit to their lines or open '
        f"items, more than the limit of {limit:.1%}.",
        "So many mean a broken delivery, or an ERP whose lines are not meant to add up. Nothing of this run was "
        "published; what was loaded before stays.",
        "Open the rejected rows of this run: each says its figures. Correct the source, or set sums = false for the "
        "lines in hub.toml, or raise sum_tolerance or max_rejected_share.",
    )


def _rows(staged: Staged, delta: Delta) -> int:
    """Of how many rows the bad ones are a share: between full reads of all that are known, as few come then."""
    return delta.read if staged.mode == FULL else max(delta.read, staged.state.rows)


def _keep(run: Run, staged: Staged, delta: Delta) -> None:
    keep_rejected(run, staged.name, delta, timezone.now())
    StreamRun.objects.create(
        run_ref=run,
        stream=staged.name,
        mode=staged.mode,
        read=delta.read,
        rejected=delta.rejected,
        seconds=staged.seconds,
        note="Too many rows were rejected; nothing was published.",
    )
