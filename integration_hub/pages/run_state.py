"""How far a running run is, as a part of its page that renews itself; and the rows that are tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from integration_hub.models import RejectedRow, Run, RunKind, RunProgress, RunStatus, StreamRun
from integration_hub.pages.access import administrators_only
from integration_hub.pages.requested import confirm
from integration_hub.replay import request_replay
from integration_hub.timing.items import run_item
from integration_hub.timing.states import standings

UNFINISHED = (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True)
class ProgressLine:
    """`told` is None before the first second. `before` are the rows of the stream's last read of that mode (None:
    there was none), `percent` is at most 100, `pace` in rows a second.
    """

    told: RunProgress | None
    before: int | None
    percent: int | None
    pace: int | None

    @property
    def label(self) -> str:
        """The stream's name without the source's."""
        return self.told.stream.partition(".")[2] if self.told else ""


def progress_of(run: Run) -> ProgressLine | None:
    """How far a run is that waits or runs; None for one that has ended."""
    if run.status not in UNFINISHED:
        return None
    told = RunProgress.objects.filter(pk=run.pk).first()
    if told is None or told.stream_began_at is None:
        return ProgressLine(told, None, None, None)
    earlier = StreamRun.objects.filter(stream=told.stream, mode=told.mode, run_ref__lt=run.pk).order_by("-id")
    before = earlier.values_list("read", flat=True).first()
    seconds = (told.at - told.stream_began_at) / timedelta(seconds=1)
    return ProgressLine(
        told,
        before,
        min(100, 100 * told.rows // before) if before else None,
        round(told.rows / seconds) if seconds >= 1 else None,
    )


def next_run(run: Run) -> datetime | None:
    """When the next sync of a source is due; None for what has no time, or waits or runs now."""
    if run.kind != RunKind.SYNC or run.started_at is None:
        return None
    due = (each.next_at for each in standings(timezone.now()) if each.item.name == run_item(run.kind, run.subject))
    return next(due, None)


@require_GET
@administrators_only
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a run's page that renews itself; once the run has ended, the whole page is loaded anew."""
    found = get_object_or_404(Run, pk=pk)
    line = progress_of(found)
    if line is None:
        response = HttpResponse(status=204 if request.headers.get("HX-Request") is None else 200)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "hub/run_progress.html", {"run": found, "progress": line})


@require_POST
@administrators_only
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the run's open rejected rows again: all, those of one stream, or one row with its document."""
    found = get_object_or_404(Run, pk=pk)
    rows = RejectedRow.objects.filter(run_ref=found, resolved_at=None)
    if found.kind == RunKind.REPLAY:
        rows = RejectedRow.objects.filter(replayed_by=found.pk, resolved_at=None)
    if stream := request.POST.get("stream", ""):
        rows = rows.filter(stream=stream)
    if (row := request.POST.get("row", "")).isdigit():
        rows = rows.filter(pk=int(row))
    requested = request_replay(rows, by=request.user.get_username())
    if requested:
        named = ", ".join(f"run #{run.pk}" for run in requested)
        confirm(request, requested, f"Requested: {named} tries the rejected rows again.")
    return redirect("run", requested[0].pk) if requested else redirect("run_rejected", pk)
