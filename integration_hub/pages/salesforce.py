"""The connection to Salesforce as a page: what the last check found, how old that is, and what failed since."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from integration_hub.config import hub
from integration_hub.diagnosis.check import PUSH_FIELD, PUSH_RULES, Check, Light, name_of_finding, worst
from integration_hub.diagnosis.stored import STALE_AFTER, known
from integration_hub.models import PushPlan, Run, RunKind, RunStatus
from integration_hub.pages import run_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.requested import confirm
from integration_hub.runs import busy, request_run
from integration_hub.salesforce.session import LOOPBACK
from integration_hub.sources import SALESFORCE

PILLS = {Light.GREEN: "pill-good", Light.AMBER: "pill-warn", Light.RED: "pill-bad"}
WORDS = {Light.GREEN: "Works", Light.AMBER: "Look at it", Light.RED: "Does not work"}
TITLES = {
    Light.GREEN: "Everything works",
    Light.AMBER: "It works, with remarks",
    Light.RED: "Something does not work",
}
MESSAGES = {Light.GREEN: "good", Light.AMBER: "warn", Light.RED: "bad"}
SENT = "Writing"


@dataclass(frozen=True)
class Line:
    """One check; `pill` and `word` say its light."""

    name: str
    pill: str
    word: str
    light: str
    finding: str
    remedy: str


@dataclass(frozen=True)
class Topic:
    """The checks of one topic, in the order in which they depend on each other."""

    name: str
    lines: tuple[Line, ...]
    pill: str
    word: str


@dataclass(frozen=True)
class Verdict:
    """All checks in one sentence."""

    title: str
    css: str
    counts: str


@require_GET
@administrators_only
def connection(request: HttpRequest) -> HttpResponse:
    """What is known of the connection. Asks nobody outside."""
    checks, checked_at = known(SALESFORCE)
    checks = _with_newer_preflight(checks, checked_at)
    failed = _failed_since(checked_at)
    context = {
        "topics": _topics(checks),
        "open": [_line(check) for check in sorted(checks, key=lambda each: -each.light) if check.light],
        "verdict": _verdict(checks),
        "checked_at": checked_at,
        "is_old": checked_at is not None and timezone.now() - checked_at > STALE_AFTER,
        "waiting": busy(RunKind.CHECK, SALESFORCE),
        "failed": failed,
        "failed_title": run_rows.title(failed) if failed else "",
        "configured": hub().salesforce is not None,
        "practice": _practice_page(),
    }
    return render(request, "hub/salesforce.html", context)


def _practice_page() -> str:
    """Where a practice org is operated, which only runs on this machine; empty for a real one."""
    salesforce = hub().salesforce
    if salesforce is None or urlsplit(salesforce.login_url).hostname not in LOOPBACK:
        return ""
    return f"{salesforce.login_url.rstrip('/')}/practice/"


@require_POST
@administrators_only
def check_now(request: HttpRequest) -> HttpResponse:
    """Request a check; one that waits already is not requested twice."""
    run = request_run(RunKind.CHECK, SALESFORCE, by=request.user.get_username())
    confirm(request, [run], "Requested: a check of Salesforce. Its findings appear here in a moment.")
    return redirect("salesforce")


def _with_newer_preflight(checks: Sequence[Check], checked_at: datetime | None) -> list[Check]:
    """The checks, with the verdicts on pushed fields of a plan that was made since."""
    plan = PushPlan.objects.order_by("-id").first()
    if plan is None or checked_at is None or plan.made_at <= checked_at:
        return list(checks)
    kept = [check for check in checks if not check.name.startswith((PUSH_FIELD, PUSH_RULES))]
    return kept + [
        Check(
            name_of_finding(finding["field"]),
            Light[finding["state"].upper()],
            finding["problem"] or f"Exists, fits and may be edited (push {plan.pk}).",
            finding["remedy"],
            SENT,
        )
        for finding in plan.findings
    ]


def _failed_since(checked_at: datetime | None) -> Run | None:
    """The newest sync, push or check of Salesforce, where it failed after the check was made."""
    ended = (RunStatus.SUCCEEDED, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.DEAD)
    last = Run.objects.filter(subject=SALESFORCE, status__in=ended).order_by("-id").first()
    if last is None or last.status not in {RunStatus.FAILED, RunStatus.DEAD}:
        return None
    return last if checked_at is None or (last.finished_at or last.requested_at) > checked_at else None


def _verdict(checks: Iterable[Check]) -> Verdict:
    found = list(checks)
    light = worst(found)
    counted = {each: sum(check.light is each for check in found) for each in Light}
    words = [f"{counted[each]} {each.name.lower()}" for each in reversed(Light) if counted[each]]
    return Verdict(TITLES[light], MESSAGES[light], ", ".join(words))


def _topics(checks: Sequence[Check]) -> tuple[Topic, ...]:
    names = dict.fromkeys(check.topic for check in checks)
    grouped = {name: [check for check in checks if check.topic == name] for name in names}
    return tuple(
        Topic(name, tuple(map(_line, found)), PILLS[worst(found)], WORDS[worst(found)])
        for name, found in grouped.items()
    )


def _line(check: Check) -> Line:
    name = check.name.removeprefix(PUSH_FIELD)
    return Line(name, PILLS[check.light], WORDS[check.light], check.word, check.finding, check.remedy)
