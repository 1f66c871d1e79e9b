"""What the page about the API budget shows, as dataclasses: bars, what waits, what stops first, and the last runs."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from integration_hub.api_budget import Budget
from integration_hub.api_use import SHARES
from integration_hub.config import hub
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.pages.run_rows import PILLS, title

BAR_WIDTH = 200
RUNS_SHOWN = 20
WORK = {
    RunKind.FORMULAS: "Refreshing formula and roll-up fields",
    RunKind.SWEEP: "Comparing all ids",
    RunKind.DRIFT: "Checking for values edited by hand",
    RunKind.RECONCILE: "Comparing counts and sums",
    RunKind.SYNC: "Reading what changed",
    RunKind.PUSH: "Pushing figures",
}


@dataclass(frozen=True)
class Bar:
    """One bar: `width` of BAR_WIDTH, and the words that say the same."""

    label: str
    value: int
    width: int
    words: str


@dataclass(frozen=True)
class WaitingRun:
    """A run that is held back; `reason` may be empty."""

    run: Run
    title: str
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class Delayed:
    """Kinds of work that stop at the same number of requests; `at` is None where the limit is not known."""

    names: str
    share: str
    at: int | None


@dataclass(frozen=True)
class RunUse:
    """One run with its API requests and the number that all had used by its end (None: not said)."""

    run: Run
    title: str
    pill: str
    calls: int
    used: int | None
    share: str


def bars(budget: Budget) -> list[Bar]:
    """Used by us, by others, and what is left; none where the limit is not known."""
    if budget.used is None or not budget.limit:
        return []
    parts = [
        ("Used by this hub", budget.ours_in_24_hours),
        ("Used by others", budget.others_in_24_hours or 0),
        ("Left", max(0, budget.limit - budget.used)),
    ]
    return [_bar(label, value, budget.limit) for label, value in parts]


def _bar(label: str, value: int, limit: int) -> Bar:
    width = min(BAR_WIDTH, round(BAR_WIDTH * value / limit))
    return Bar(label, value, width, f"{label}: {value:,} of {limit:,}, {_percent(value / limit)}")


def waiting() -> list[WaitingRun]:
    """Runs held back, the one that goes on first at the top."""
    held = Run.objects.filter(status=RunStatus.QUEUED, not_before__isnull=False).order_by("not_before", "id")
    return [WaitingRun(run, title(run), run.not_before, run.problem) for run in held]


def delayed_first(budget: Budget) -> list[Delayed]:
    """What stops at which number of requests, the first to stop at the top."""
    configured = hub().salesforce
    allowed = configured.daily_request_share if configured else 1.0
    levels = sorted({SHARES.get(kind, 1.0) for kind in WORK})
    return [
        Delayed(
            "; ".join(words for kind, words in WORK.items() if SHARES.get(kind, 1.0) == level),
            _percent(allowed * level),
            round(allowed * level * budget.limit) if budget.limit else None,
        )
        for level in levels
    ]


def last_runs(limit: int | None) -> list[RunUse]:
    """The last runs that asked Salesforce, newest first."""
    asked = Run.objects.filter(api_calls__gt=0).annotate(used=Max("api_use__used_by_all"))
    return [
        RunUse(
            run,
            title(run),
            PILLS.get(run.status, ""),
            run.api_calls,
            run.used,
            _percent(run.api_calls / limit) if limit else "–",
        )
        for run in asked.order_by("-id")[:RUNS_SHOWN]
    ]


def _percent(share: float) -> str:
    """A share in words; small ones with a decimal, so that a few calls are not told as none."""
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
