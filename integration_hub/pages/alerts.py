"""Alerts as a page: what is open with what to do, what was, who is told and whether it reached them."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from integration_hub.alerts import outbox
from integration_hub.alerts.channels import targets
from integration_hub.alerts.counting import open_alerts
from integration_hub.alerts.messages import trial_message
from integration_hub.alerts.watching import has_ticked, silent_since
from integration_hub.audit import record
from integration_hub.config import hub
from integration_hub.config.alerts import CONDITIONS
from integration_hub.models import Alert, AlertDelivery, Severity
from integration_hub.pages.access import administrators_only
from integration_hub.pages.paging import page_of
from integration_hub.pages.tabs import run_tabs

MOST_OPEN = 100
LONGEST_COMMENT = 1000


@dataclass(frozen=True)
class Line:
    """An alert with its condition in words."""

    alert: Alert
    label: str
    pill: str


@dataclass(frozen=True)
class Way:
    """An address of hub.toml and how the last message to it went; none yet without `last`."""

    channel: str
    target: str
    last: AlertDelivery | None
    waiting: int


@require_safe
@administrators_only
def alerts(request: HttpRequest) -> HttpResponse:
    """Open alerts, the ways to people, and the history."""
    standing = open_alerts().order_by("acknowledged_at", "-severity", "-raised_at")
    critical_first = sorted(standing[:MOST_OPEN], key=lambda each: (bool(each.acknowledged_at), each.severity))
    page = page_of(Alert.objects.exclude(recovered_at=None), request)
    config = hub().alerts
    context = {
        "lines": [_line(alert) for alert in critical_first],
        "page": page,
        "history": [_line(alert) for alert in page.object_list],
        "ways": _ways(),
        "enabled": config.enabled,
        "off": [CONDITIONS[name].label for name in CONDITIONS if config.enabled and config.threshold(name) is None],
        "watched": [(each, CONDITIONS[name]) for name in CONDITIONS if (each := config.threshold(name))],
        "silent_since": silent_since(),
        "never_looked": not has_ticked(),
        "config": config,
        "tabs": run_tabs("alerts"),
    }
    return render(request, "alerts/list.html", context)


@require_POST
@administrators_only
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that somebody takes care: it is not told again, and says who and why."""
    comment = request.POST.get("comment", "").strip()[:LONGEST_COMMENT]
    with transaction.atomic():
        alert = get_object_or_404(open_alerts().select_for_update(), pk=pk)
        before = {"by": alert.acknowledged_by, "comment": alert.comment} if alert.acknowledged_by else None
        alert.acknowledged_by, alert.acknowledged_at = request.user.get_username(), timezone.now()
        alert.comment = comment
        alert.save(update_fields=["acknowledged_by", "acknowledged_at", "comment"])
        after = {"condition": alert.condition, "about": alert.subject, "comment": comment}
        record("alert.acknowledged", "alert", alert.pk, before=before, after=after)
    messages.success(request, "Acknowledged: it stays here until it is over, and is not told again.")
    return redirect("alerts")


@require_POST
@administrators_only
def test(request: HttpRequest) -> HttpResponse:
    """Send a test message to every address, beside this page."""
    number = len(targets(hub().alerts))
    if not number:
        messages.warning(request, "Nobody would be told: name addresses under [alerts] in hub.toml.")
        return redirect("alerts")
    with transaction.atomic():
        message = trial_message(timezone.now(), request.user.get_username())
        record("alert.tested", "alert", message.pk)
    outbox.send_in_background()
    addresses = "1 address" if number == 1 else f"{number} addresses"
    messages.success(request, f"A test message is on its way to {addresses}. “Who is told” says how it went.")
    return redirect("alerts")


def _line(alert: Alert) -> Line:
    known = CONDITIONS.get(alert.condition)
    label = known.label if known else alert.condition
    return Line(alert, label, "pill-bad" if alert.severity == Severity.CRITICAL else "pill-warn")


def _ways() -> list[Way]:
    wanted = targets(hub().alerts)
    newest = AlertDelivery.objects.order_by("channel", "target", "-id").distinct("channel", "target")
    last = {(each.channel, each.target): each for each in newest}
    waiting: dict[tuple[str, str], int] = {}
    for way in AlertDelivery.objects.filter(sent_at=None, given_up_at=None).values_list("channel", "target"):
        waiting[way] = waiting.get(way, 0) + 1
    return [
        Way(channel, target, last.get((channel, target)), waiting.get((channel, target), 0))
        for channel, target in wanted
    ]
