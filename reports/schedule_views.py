"""The page of scheduled exports: list, make, pause, run now, delete."""

import re
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from customers.access import role
from customers.calendar import current_day
from integration_hub import audit
from integration_hub.config import hub
from integration_hub.pages.schedule_rows import exports_pause
from reports import exporting
from reports.asking import read_question
from reports.export_notice import WAITS
from reports.export_schedule import run_now, why_not
from reports.export_views import NO_RIGHT
from reports.models import Delivery, ExportSchedule, Frequency
from reports.offered import command_reports, offered_report, offered_titles
from reports.parameters import BadParameter
from reports.selection import selection_words
from reports.shape import Report

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST = 50
WRITTEN = re.compile("[0-9]{1,2}")


class NotScheduled(Exception):
    """A schedule cannot be kept; the text says why and what to do."""


@require_http_methods(["GET", "HEAD", "POST"])
def schedules(request: HttpRequest) -> HttpResponse:
    """One's own schedules (administrators see all), and the form for a new one."""
    if not exporting.may_export(request.user):
        raise PermissionDenied(NO_RIGHT)
    problem = ""
    if request.method == "POST":
        try:
            made = _made(request)
        except NotScheduled as refused:
            problem = str(refused)
        else:
            messages.success(request, f"Scheduled: {_titles(request)[made.report]}, {_when(made)}.")
            return redirect("reports:schedules")
    offered = {each.name: each for each in command_reports(request.user)}
    titles = {name: each.title for name, each in offered.items()}
    rows = [
        {
            "schedule": each,
            "title": titles.get(each.report, each.report),
            "when": _when(each),
            "words": selection_words(offered[each.report], each.question) if each.report in offered else (),
        }
        for each in _own(request).select_related("owner")
    ]
    context = {
        "rows": rows,
        "titles": titles,
        "problem": problem,
        "entered": request.POST or request.GET,
        "frequencies": Frequency.choices,
        "deliveries": _deliveries(),
        "weekdays": list(enumerate(WEEKDAYS)),
        "sees_all": role(request.user) == "administrator",
        "pauses": exports_pause(timezone.now()),
    }
    return render(request, "exports/schedules.html", context, status=400 if problem else 200)


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, resume, run now or delete a schedule of one's own."""
    if not exporting.may_export(request.user):
        raise PermissionDenied(NO_RIGHT)
    schedule = _own(request).filter(pk=pk).first()
    if schedule is None:
        raise Http404
    wanted, day = request.POST.get("do"), current_day()
    if wanted == "delete":
        with transaction.atomic():
            _note("export_schedule.deleted", schedule)
            schedule.delete()
        messages.success(request, "The schedule is deleted; files that it made stay until they expire.")
    elif wanted == "pause":
        _set(schedule, active=False, because=f"Paused by {request.user.get_username()}.")
    elif wanted == "resume" and not why_not(schedule):
        _set(schedule, active=True)
    elif wanted == "run" and day is not None and (job := run_now(schedule, day)):
        request.session[WAITS] = True
        return redirect("reports:export_job", job.pk)
    else:
        messages.warning(request, why_not(schedule) or "There are no figures yet.")
    return redirect("reports:schedules")


def _set(schedule: ExportSchedule, *, active: bool, because: str = "") -> None:
    schedule.active, schedule.paused_because = active, because
    with transaction.atomic():
        schedule.save(update_fields=["active", "paused_because"])
        _note("export_schedule.resumed" if active else "export_schedule.paused", schedule)


def _note(what: str, schedule: ExportSchedule) -> None:
    owner = schedule.owner.get_username() if schedule.owner else None
    told = {"report": schedule.report, "owner": owner, "delivery": schedule.delivery}
    audit.record(what, "export schedule", schedule.pk, after=told)


def _made(request: HttpRequest) -> ExportSchedule:
    """The schedule of the form. Raises NotScheduled."""
    form, user = request.POST, cast("User", request.user)
    report = offered_report(form.get("report", ""), user)
    if report is None:
        raise NotScheduled("Choose one of the reports.")
    if ExportSchedule.objects.filter(owner=user).count() >= MOST:
        raise NotScheduled(f"You have {MOST} schedules, which is the most. Delete one first.")
    kept: dict[str, Any] = {name: value for name, value in QueryDict(form.get("query", "")).items() if value}
    _check_question(report, kept, user)
    choices = {
        "format": ("csv", "xlsx"),
        "frequency": Frequency.values,
        "delivery": [value for value, _ in _deliveries()],
    }
    for name, values in choices.items():
        if form.get(name) not in values:
            raise NotScheduled(f"Choose a {name}: {', '.join(values)}.")
    made = ExportSchedule(
        owner=user,
        report=report.name,
        question=kept,
        weekday=_number(form.get("weekday", "0"), "The day of the week", 0, 6),
        month_day=_number(form.get("month_day", "1"), "The day of the month", 1, 31),
        **{name: form[name] for name in choices},
    )
    with transaction.atomic():
        made.save()
        _note("export_schedule.created", made)
    return made


def _check_question(report: Report, kept: dict[str, Any], user: User) -> None:
    """Raises NotScheduled for what the report's page refuses, and for a day that would make every file the same."""
    for each in report.parameters:
        if each.one_day and kept.get(each.name):
            raise NotScheduled(
                f"“{each.label}” is held to {kept[each.name]}, so every file would have the same figures. Show the "
                "report of the newest day, and schedule that."
            )
    day = current_day()
    try:
        question = read_question(report, kept, user=user, as_of=day or user.date_joined.date())
        if day is not None:
            report.answer(question)
    except BadParameter as bad:
        raise NotScheduled(str(bad)) from bad


def _number(text: str, label: str, least: int, most: int) -> int:
    if not WRITTEN.fullmatch(text) or not least <= int(text) <= most:
        raise NotScheduled(f"{label} must be between {least} and {most}.")
    return int(text)


def _deliveries() -> list[tuple[str, str]]:
    """The ways there are here: a folder and mail only where they are configured."""
    there = {Delivery.APP: True, Delivery.FOLDER: bool(hub().exports.folder), Delivery.MAIL: settings.MAIL_CONFIGURED}
    return [(each.value, str(each.label)) for each in Delivery if there[each]]


def _when(schedule: ExportSchedule) -> str:
    if schedule.frequency == Frequency.WEEKLY:
        return f"every {WEEKDAYS[schedule.weekday]}"
    if schedule.frequency == Frequency.MONTHLY:
        return f"monthly on day {schedule.month_day}"
    return "every day"


def _own(request: HttpRequest) -> Any:
    everything = ExportSchedule.objects.all()
    return everything if role(request.user) == "administrator" else everything.filter(owner=request.user.pk)


def _titles(request: HttpRequest) -> dict[str, str]:
    return offered_titles(request.user)
