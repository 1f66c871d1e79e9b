"""What can be sent to each URL that takes something, and the verb that the audit must have of it afterwards.

To add a URL: an act that succeeds, with its verb; or, where nothing is changed that anybody could ask about later, the
reason in NOT_AUDITED.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from customers import books
from customers.models import Deputy, Difference, Handover, LinkDecision, LinkProposal, SavedView, Segment
from customers.publishing import recompute_all
from customers.rfm_scales import Scales, written
from integration_hub.models import Alert, PlanStatus, PushedValue, RejectedRow, Run, RunKind, RunStatus, SfAccount
from integration_hub.push.read_back import DIFFERS
from reports.models import ExportSchedule
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import ANA, AS_OF, KESTON, KESTREL, PROSPECT
from tests.integration_hub.pages.push_world import a_plan, a_sent_plan, account, hand_edit, park

Act = Callable[[World, Cast], Any]
RULES = {"g": "all", "0.f": "overdue_amount", "0.is": "more_than", "0.v": "100"}
DEAL = "006Dn00000AbCdEIAV"
SCHEDULE = {"report": "orders", "format": "csv", "frequency": "daily", "delivery": "app", "weekday": "0"}

NOT_AUDITED: Mapping[str, str] = {
    "customers:canvas": "Salesforce asks for a page; who read it stands in the log of who opened which customer.",
    "customers:columns": "One's own choice of columns: it changes nothing that anybody else sees.",
    "hook": "Sent by an ERP, not by a person: every ring is kept with its documents and its run.",
    "reports:exports_told": "Closes a box that says an export is ready.",
    "reports:check": "Compares a file with what was written, and changes nothing.",
}


def to(name: str, /, *arguments: object, **given: Any) -> Callable[[Any], Any]:
    """Send a form to a URL."""
    return lambda client: client.post(reverse(name, args=arguments), given)


def _saved_view(cast: Cast) -> SavedView:
    to("customers:save_view", name="Mine", query="sort=name")(cast.owner)
    return SavedView.objects.latest("pk")


def _segment(cast: Cast, **more: str) -> Segment:
    cast.analyst.post(reverse("segments:new"), RULES | {"name": "Late payers", "do": "save"} | more)
    return Segment.objects.latest("pk")


def _proposed(score: str = "0.9") -> None:
    evidence = [{"field": "vat", "erp": "GB123", "account": "GB 123", "verdict": "same", "weight": 60}]
    LinkProposal.objects.create(
        erp_customer="erp:100009", account=PROSPECT, score=Decimal(score), evidence=evidence, found_at=timezone.now()
    )


def _linked(world: World, cast: Cast) -> Any:
    return to("customers:link_case", "erp:100009", verdict="accept", account=PROSPECT, reason="Same")(cast.analyst)


def _linked_many(world: World, cast: Cast) -> Any:
    _proposed()
    page = cast.analyst.get(reverse("customers:link_bulk"), {"score": "0.9"}).content.decode()
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    assert shown
    return to("customers:link_bulk", score="0.9", shown=shown[1], reason="Checked")(cast.analyst)


def _shared(world: World, cast: Cast) -> Any:
    rows = {"kind": "per_cent", f"p:{KESTREL}": "60", f"p:{KESTON}": "40"}
    url = reverse("customers:link_share", args=["erp:104233"])
    seen = re.search(r'name="seen" value="([^"]*)"', cast.analyst.get(url, rows | {"preview": "1"}).content.decode())
    assert seen
    return cast.analyst.post(url, rows | {"reason": "Two buyers", "seen": seen[1]})


def _undone(world: World, cast: Cast) -> Any:
    _linked(world, cast)
    made = LinkDecision.objects.get(undone_at=None, verdict="accept")
    return to("customers:undo_link_decision", made.pk, to="log", reason="Wrong")(cast.analyst)


def _difference(world: World) -> Difference:
    SfAccount.objects.filter(key=KESTREL).update(billing_city="Delft")
    recompute_all(AS_OF, current=True)
    return Difference.objects.get(erp_customer="erp:104233", field="city")


def _snoozed(world: World, cast: Cast) -> Any:
    given = {"act": "snooze", "until": str(books.company_date() + timedelta(days=9)), "reason": "In talks"}
    return to("customers:differences_act", difference=_difference(world).pk, **given)(cast.owner)


def _commented(world: World, cast: Cast) -> Any:
    return to("customers:difference", _difference(world).pk, text="Asked them")(cast.owner)


def _handed(world: World, cast: Cast) -> Any:
    return to("customers:handover_decision", opportunity=DEAL, order="erp:SO-1", verdict="confirm")(cast.owner)


def _sale_handed(world: World, cast: Cast) -> Any:
    refused = {"sale": "801Dn00000AbCdEIAV", "order": "erp:SO-1", "verdict": "refuse", "reason": "Another project"}
    return to("customers:handover_sale_decision", **refused)(cast.owner)


def _noted(world: World, cast: Cast) -> Any:
    assert Handover.objects.filter(pk=DEAL).exists()
    return to("customers:handover_note", key=DEAL, comment="Called them")(cast.owner)


def _lent(world: World, cast: Cast) -> Any:
    cast.outsider.get("/")
    day = books.company_date()
    return to("customers:deputies", absent=ANA, deputy="ben", begins_on=day, ends_on=day + timedelta(days=3))(
        cast.administrator
    )


def _lent_no_more(world: World, cast: Cast) -> Any:
    _lent(world, cast)
    return to("customers:end_deputy", Deputy.objects.latest("pk").pk)(cast.administrator)


def _view_changed(world: World, cast: Cast) -> Any:
    return to("customers:change_view", _saved_view(cast).pk, name="Mine", shared="on")(cast.owner)


def _schedule_changed(world: World, cast: Cast) -> Any:
    cast.analyst.post(reverse("reports:schedules"), SCHEDULE | {"month_day": "1"})
    return to("reports:change_schedule", ExportSchedule.objects.latest("pk").pk, do="pause")(cast.analyst)


def _rejected(world: World, cast: Cast) -> Any:
    run = Run.objects.create(kind=RunKind.SYNC, subject="erp", status=RunStatus.PARTIAL)
    RejectedRow.objects.create(run_ref=run, stream="erp.orders", key="erp:1", reason="no", record={"A": "b"})
    return to("run_replay", run.pk)(cast.administrator)


def _resumed(world: World, cast: Cast) -> Any:
    to("schedule_pause", name="all", reason="Stocktaking")(cast.administrator)
    return to("schedule_resume", name="all")(cast.administrator)


def _approved(world: World, cast: Cast) -> Any:
    plan = a_plan(PlanStatus.HALTED, 2)
    return to("plan_approve", plan.pk, fingerprint=plan.fingerprint)(cast.administrator)


def _sent_again(world: World, cast: Cast) -> Any:
    plan = a_sent_plan()
    PushedValue.objects.filter(account=account(3)).update(last_error=f"{DIFFERS}: another one")
    return to("plan_again", plan.pk)(cast.administrator)


def _acknowledged(world: World, cast: Cast) -> Any:
    now = timezone.now()
    times = {"first_seen_at": now, "last_seen_at": now, "raised_at": now}
    alert = Alert.objects.create(subject="erp", condition="failed_runs", severity="critical", text="Failed.", **times)
    return to("alert_acknowledge", alert.pk, comment="On it")(cast.administrator)


def _restored(world: World, cast: Cast) -> Any:
    made = _segment(cast)
    change = RULES | {"0.v": "9", "name": "Late payers", "do": "save", "seen": "1"}
    cast.analyst.post(reverse("segments:edit", args=[made.pk]), change)
    return to("segments:restore", made.pk, 1)(cast.analyst)


def _edited(world: World, cast: Cast) -> Any:
    change = RULES | {"0.v": "9", "name": "Very late", "do": "save", "seen": "1"}
    return cast.analyst.post(reverse("segments:edit", args=[_segment(cast).pk]), change)


def _login(world: World, cast: Cast) -> Any:
    User.objects.create_user("nora", password="a long enough password")
    return to("login", username="nora", password="a long enough password")(cast.anonymous)


def _as_administrator(name: str, /, **given: Any) -> Act:
    return lambda _, cast: to(name, **given)(cast.administrator)


ACTS: Mapping[str, tuple[str, Act]] = {
    "login": ("login.ok", _login),
    "logout": ("logout.ok", lambda _, cast: to("logout")(cast.untied)),
    "customers:save_view": ("view.saved", lambda _, cast: _saved_view(cast)),
    "customers:change_view": ("view.changed", _view_changed),
    "customers:handover_decision": ("handover.decided", _handed),
    "customers:handover_sale_decision": ("handover.decided", _sale_handed),
    "customers:handover_note": ("handover.noted", _noted),
    "customers:link_case": ("link.decided", _linked),
    "customers:link_bulk": ("link.decided_many", _linked_many),
    "customers:link_share": ("link.decided", _shared),
    "customers:undo_link_decision": ("link.undone", _undone),
    "customers:differences_act": ("difference.snoozed", _snoozed),
    "customers:difference": ("difference.commented", _commented),
    "customers:deputies": ("deputy.appointed", _lent),
    "customers:end_deputy": ("deputy.ended", _lent_no_more),
    "reports:export": ("export.requested", lambda _, cast: to("reports:export", "orders", "csv")(cast.analyst)),
    "reports:schedules": (
        "export_schedule.created",
        lambda _, cast: cast.analyst.post(reverse("reports:schedules"), SCHEDULE | {"month_day": "1"}),
    ),
    "reports:change_schedule": ("export_schedule.paused", _schedule_changed),
    "reports:rfm_calibrate": (
        "scales.calibrated",
        lambda _, cast: cast.analyst.post(
            reverse("reports:rfm_calibrate"),
            written(Scales(recency=(50, 40, 30, 20), new_days=10)) | {"standing": "0", "reason": "Orders come monthly"},
        ),
    ),
    "segments:new": ("segment.saved", lambda _, cast: _segment(cast)),
    "segments:edit": ("segment.saved", _edited),
    "segments:delete": ("segment.deleted", lambda _, cast: to("segments:delete", _segment(cast).pk)(cast.analyst)),
    "segments:restore": ("segment.saved", _restored),
    "segments:send": (
        "segment.sent",
        lambda _, cast: to("segments:send", _segment(cast, shared="on").pk, do="on")(cast.analyst),
    ),
    "sync_now": ("sync.requested", _as_administrator("sync_now", source="erp")),
    "schedule_pause": ("schedule.paused", _as_administrator("schedule_pause", name="all", reason="Stocktaking")),
    "schedule_resume": ("schedule.resumed", _resumed),
    "schedule_run": ("reconcile.requested", _as_administrator("schedule_run", name="reconcile erp")),
    "run_replay": ("replay.requested", _rejected),
    "push_now": ("push.requested", _as_administrator("push_now")),
    "push_stop": ("push.stopped", _as_administrator("push_stop", reason="Year end")),
    "push_resume": ("push.resumed", _as_administrator("push_resume")),
    "parked_act": (
        "parked.assigned",
        lambda _, cast: to("parked_act", assign="me", row=park(1).pk)(cast.administrator),
    ),
    "parked_retry": ("parked.retried", lambda _, cast: to("parked_retry", row=park(1).pk)(cast.administrator)),
    "drift_decide": (
        "hand_edit.accept",
        lambda _, cast: to("drift_decide", accept_one=hand_edit(1).pk)(cast.administrator),
    ),
    "drift_check": ("drift.requested", _as_administrator("drift_check")),
    "plan_approve": ("push.requested", _approved),
    "plan_undo": ("push.requested", lambda _, cast: to("plan_undo", a_sent_plan().pk)(cast.administrator)),
    "plan_again": ("push.sent_again", _sent_again),
    "alert_acknowledge": ("alert.acknowledged", _acknowledged),
    "alerts_test": ("alert.tested", _as_administrator("alerts_test")),
    "audit_verify": ("audit.verified", _as_administrator("audit_verify")),
    "salesforce_check": ("check.requested", _as_administrator("salesforce_check")),
}
