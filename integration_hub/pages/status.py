"""The status in plain words for everybody who is signed in; administrators also see the machine behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from integration_hub.freshness import SourceFreshness, freshness, span
from integration_hub.models import ApiUse, Notice, ParkedRow, RejectedRow, Run, RunKind, RunStatus
from integration_hub.pages.access import is_administrator, is_analyst
from integration_hub.push import switch
from integration_hub.status.attended import attended, open_syncs
from integration_hub.status.proven import Proven, proven
from integration_hub.status.pulse import Facts, Seen, last_pulse

SKEW_LIMIT = 5.0
DISK_AMBER, DISK_RED = 0.10, 0.03
LONG_WAIT = timedelta(minutes=10)
PILLS = {"green": "pill-good", "amber": "pill-warn", "red": "pill-bad"}


@dataclass(frozen=True)
class SourceLine:
    """One source: its state in a word, from which ages on it is late and out of date, and who is on it."""

    fresh: SourceFreshness
    pill: str
    late_after: str
    stale_after: str
    attended: str


@dataclass(frozen=True)
class MachineLine:
    """One fact for administrators; `state` is green, amber or red, empty where there is nothing to judge."""

    name: str
    finding: str
    state: str = ""
    url: str = ""

    @property
    def pill(self) -> str:
        """The class of the pill with the word."""
        return PILLS.get(self.state, "")

    @property
    def word(self) -> str:
        """The state in a word."""
        return {"green": "Good", "amber": "Look at it", "red": "Bad"}.get(self.state, "")


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """As of when the data are, what is late, and whether somebody is on it. Asks nothing but PostgreSQL."""
    now, seen, runs = timezone.now(), last_pulse(), open_syncs()
    sources = [_source_line(each, runs, scheduler=seen.alive) for each in freshness(now)]
    late = [line.fresh for line in sources if line.fresh.state != "green"]
    administrator, known = is_administrator(request.user), proven(now)
    context = {
        "sources": sources,
        "late": late,
        "red": any(each.state == "red" for each in late),
        "proven": known,
        "push": _last_push(),
        "push_stopped": not switch.allows(),
        "analyst": is_analyst(request.user),
        "machine": list(_machine(seen, known, now)) if administrator else [],
        "administrator": administrator,
        "now": now,
    }
    return render(request, "hub/status.html", context)


def _source_line(source: SourceFreshness, runs: dict[str, Run], *, scheduler: bool) -> SourceLine:
    return SourceLine(
        source,
        PILLS[source.state],
        span(source.late_after),
        span(source.stale_after),
        attended(source, runs, scheduler=scheduler),
    )


def _last_push() -> Run | None:
    """The last push that ended, whatever became of it."""
    ended = Run.objects.filter(kind=RunKind.PUSH).exclude(finished_at=None)
    return ended.order_by("-id").first()


def _machine(seen: Seen, known: Proven, now: datetime) -> Iterator[MachineLine]:
    yield MachineLine("Database", "PostgreSQL answers: this page was made with it.", "green")
    if seen.at is None:
        yield MachineLine("Scheduler", "It has never ticked: nothing starts by itself. Start it.", "red")
    elif seen.alive:
        yield MachineLine("Scheduler", f"Ticked {span(now - seen.at)} ago.", "green")
    else:
        yield MachineLine("Scheduler", f"Has not ticked for {span(now - seen.at)}: start it.", "red")
    if seen.facts is not None:
        yield from _seen(seen.facts)
    yield _queue(now)
    yield _quota()
    yield _compared(known)
    counts = (
        ("Rejected rows", RejectedRow.objects.filter(resolved_at=None).count(), "runs"),
        ("Parked accounts", ParkedRow.objects.filter(resolved_at=None).count(), "parked"),
        ("Open notices", Notice.objects.filter(cleared_at=None).count(), "checks"),
    )
    for name, count, page in counts:
        yield MachineLine(name, f"{count:,}", "amber" if count else "green", reverse(page))


def _seen(facts: Facts) -> Iterator[MachineLine]:
    """What the scheduler saw at its last tick."""
    if not facts.redis:
        yield MachineLine("Redis", "Did not answer at the last tick: requested runs wait.", "red")
    else:
        queued = ", ".join(f"{number} in {name}" for name, number in (facts.queued or {}).items())
        yield MachineLine("Redis", f"Answers. Entries: {queued}.", "green")
        yield _workers(facts)
    share = facts.disk_free / facts.disk_total if facts.disk_total else 0.0
    state = "red" if share < DISK_RED else "amber" if share < DISK_AMBER else "green"
    free = f"{facts.disk_free / 1e9:,.1f} GB free of {facts.disk_total / 1e9:,.1f} GB ({share:.0%})."
    yield MachineLine("Disk", free, state)
    skewed = abs(facts.skew_seconds) > SKEW_LIMIT
    way = "ahead of" if facts.skew_seconds > 0 else "behind"
    clock = f"The database's clock is {abs(facts.skew_seconds):.1f} s {way} the scheduler's."
    yield MachineLine("Clocks", f"{clock} Set both by NTP." if skewed else clock, "amber" if skewed else "green")


def _workers(facts: Facts) -> MachineLine:
    """Every queue has a worker, or what waits without."""
    if not facts.workers:
        return MachineLine("Workers", "None is alive: requested runs wait. Start one.", "red")
    without = [name for name, number in (facts.serving or {}).items() if not number]
    if without:
        return MachineLine("Workers", f"{facts.workers} alive, none for the queue {' and '.join(without)}.", "red")
    return MachineLine("Workers", f"{facts.workers} alive.", "green")


def _queue(now: datetime) -> MachineLine:
    waiting = Run.objects.filter(status=RunStatus.QUEUED).exclude(not_before__gt=now).order_by("requested_at")
    found = list(waiting.values_list("requested_at", flat=True))
    if not found:
        return MachineLine("Queue", "No run waits.", "green", reverse("runs"))
    oldest = now - found[0]
    words = f"{len(found)} waiting, the first for {span(oldest)}."
    return MachineLine("Queue", words, "amber" if oldest > LONG_WAIT else "green", f"{reverse('runs')}?show=waiting")


def _quota() -> MachineLine:
    use = ApiUse.objects.exclude(limit=None).order_by("-at", "-id").first()
    url = reverse("quota")
    if use is None or not use.limit:
        return MachineLine("Salesforce requests", "Not measured yet.", "", url)
    share = (use.used_by_all or 0) / use.limit
    words = f"{use.used_by_all or 0:,} of {use.limit:,} in 24 hours ({share:.0%})."
    return MachineLine("Salesforce requests", words, "amber" if share > 0.8 else "green", url)


def _compared(known: Proven) -> MachineLine:
    url = reverse("reconciliation")
    if known.last_at is None:
        return MachineLine("Reconciliation", "Nothing was compared yet.", "amber" if known.streams else "", url)
    state = "red" if known.differing else "green"
    held = f", {known.held_back} equal but for {known.waiting:,} rows in quarantine" if known.held_back else ""
    words = f"{known.today} of {known.streams} streams proven today{held}, {known.differing} differing."
    return MachineLine("Reconciliation", words, state, url)
