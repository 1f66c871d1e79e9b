"""What the hub's alerts ask of exports: some that no worker takes, and scheduled ones that fail again and again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from integration_hub.alerts.finding import Finding, clock_words
from integration_hub.models import SchedulePause
from integration_hub.timing.items import ALL, EXPORTS
from integration_hub.timing.pauses import exports_held
from reports.models import UNFINISHED, ExportJob, ExportSchedule, ExportState

MOST_IN_A_ROW = 20
FAILED_STATES = frozenset({ExportState.FAILED, ExportState.REFUSED})
LOOKED_BACK = timedelta(days=120)


def exports_waiting(now: datetime) -> Iterator[Finding]:
    """How long the oldest export waits while none is made; scheduled ones that are paused do not count."""
    waiting = ExportJob.objects.filter(state=ExportState.WAITING)
    if exports_held(now) is not None:
        waiting = waiting.filter(schedule=None)
    oldest = waiting.order_by("requested_at").first()
    if oldest is None or ExportJob.objects.filter(state=ExportState.RUNNING).exists():
        yield Finding("worker_silent", EXPORTS, 0)
        return
    since = oldest.requested_at
    if oldest.schedule_id is not None:
        over = SchedulePause.objects.filter(name__in=(ALL, EXPORTS), ended_at__gt=since).order_by("-ended_at").first()
        since = over.ended_at if over is not None and over.ended_at is not None else since
    minutes = Decimal(round((now - since).total_seconds())) / 60
    yield Finding(
        "worker_silent",
        EXPORTS,
        minutes,
        f"{oldest} waits for {clock_words(float(minutes))} and none is made.",
        "Nobody gets a file that is made in the background, and scheduled exports are not made.",
        "Start a worker: manage.py rqworker exports --serializer rq.serializers.JSONSerializer. See that Redis runs.",
    )


def exports_failed(now: datetime) -> Iterator[Finding]:
    """Of each scheduled export, how many in a row failed, counted from the newest that ended."""
    ended = ExportJob.objects.filter(schedule__active=True, requested_at__gt=now - LOOKED_BACK)
    newest = ended.exclude(state__in=UNFINISHED).annotate(
        back=Window(RowNumber(), partition_by="schedule", order_by=F("id").desc())
    )
    last: dict[int | None, list[tuple[str, str]]] = {}
    lines = newest.filter(back__lte=MOST_IN_A_ROW).order_by("-id").values_list("schedule", "state", "error")
    for number, state, error in lines:
        last.setdefault(number, []).append((state, error))
    for schedule in ExportSchedule.objects.filter(active=True):
        errors = [error for _, error in takewhile(lambda line: line[0] in FAILED_STATES, last.get(schedule.pk, []))]
        name = f"Export {schedule.report} #{schedule.pk}"
        yield Finding(
            "run_failed",
            name,
            len(errors),
            f"{name}: {len(errors)} in a row failed. {errors[0] if errors else ''}".strip(),
            "Its owner gets no file.",
            "Open the page Exports: each says what happened.",
        )
