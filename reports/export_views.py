"""Exports as pages: the file at once or in the background, its progress, its download, the log, and the check."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.access import role
from customers.workbook import XLSX_MAX_ROWS
from integration_hub.config import hub
from integration_hub.defusing import defused
from integration_hub.pages.schedule_rows import exports_pause
from reports import exporting
from reports.export_check import NotChecked, check_file
from reports.export_csv import csv_blocks
from reports.export_files import finished
from reports.export_jobs import request_export, seal_into
from reports.export_noted import OTHER_TITLES, note
from reports.export_notice import WAITS, untold
from reports.export_seal import Seal, csv_line
from reports.export_seen import seen_by, why_not
from reports.export_uploads import LARGEST, MOST_ROWS
from reports.export_xlsx import too_many_words
from reports.exports import Export, NotExported
from reports.models import UNFINISHED, ExportJob, ExportState
from reports.offered import offered_titles
from reports.parameters import BadParameter
from reports.shape import Question, Report
from reports.views import NO_FIGURES, find_question, find_report

Answered = HttpResponse | StreamingHttpResponse | FileResponse
NO_RIGHT = "Exports need a right of their own, and your role has none. Ask an administrator."
ROWS = 50


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """The answer as a file: exactly the rows, order, columns and totals of the page. A large one, and whatever is
    posted, is made in the background.
    """
    asked = find_report(request, name)
    if kind not in {"csv", "xlsx"}:
        raise Http404
    _check_right(request)
    try:
        question = _asked(request, asked)
        rows = exporting.prepare(asked, question).rows.count()
    except BadParameter as bad:
        return _plain(str(bad), HTTPStatus.BAD_REQUEST)
    if kind == "xlsx" and rows > XLSX_MAX_ROWS:
        return _plain(too_many_words(rows), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if request.method == "POST":
        return _in_background(request, asked, question, kind, rows)
    if request.method == "HEAD":
        return HttpResponse()
    if not exporting.at_once(kind, rows):
        context = {"report": asked, "kind": kind, "rows": rows, "query": asked.query(question)}
        return render(request, "exports/large.html", context, status=HTTPStatus.CONFLICT)
    return _at_once(request, asked, question, kind)


def _asked(request: HttpRequest, asked: Report) -> Question:
    question, problem = find_question(request, asked)
    if question is None or problem:
        raise BadParameter(problem or NO_FIGURES)
    return question


def _in_background(request: HttpRequest, asked: Report, question: Question, kind: str, rows: int) -> HttpResponse:
    made = request_export(
        request.user, report=asked.name, question=_given(request), as_of=question.as_of, form=kind, rows=rows
    )
    request.session[WAITS] = True
    return redirect("reports:export_job", made.pk)


def _at_once(request: HttpRequest, asked: Report, question: Question, kind: str) -> Answered:
    # Until the last byte is made it counts as broken off.
    user: Any = request.user
    with transaction.atomic():
        kept = ExportJob.objects.create(
            user=user,
            user_name=user.get_username(),
            report=asked.name,
            question=_given(request),
            as_of=question.as_of,
            format=kind,
            state=ExportState.BROKEN,
            seen=seen_by(user),
        )
        note("export.downloaded", kept)
    prepared = exporting.prepare(asked, question, number=kept.pk)
    if kind == "csv":
        response: Answered = StreamingHttpResponse(_streamed(prepared, kept), content_type="text/csv; charset=utf-8")
    else:
        seal = Seal()
        try:
            response = exporting.xlsx_response(prepared, seal)
        except NotExported as refused:
            kept.state, kept.error = ExportState.FAILED, str(refused)
            kept.save()
            return _plain(str(refused), HTTPStatus.INSUFFICIENT_STORAGE)
        _sealed(kept, seal, prepared)
    response["Content-Disposition"] = f'attachment; filename="{kept.file_name}"'
    return response


def _streamed(prepared: Export, kept: ExportJob) -> Iterator[bytes]:
    seal = Seal()
    yield from csv_blocks(prepared, seal)
    _sealed(kept, seal, prepared)


def _sealed(kept: ExportJob, seal: Seal, prepared: Export) -> None:
    seal_into(kept, seal, prepared)
    kept.state, kept.finished_at = ExportState.STREAMED, timezone.now()
    kept.save()


@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """One's own exports; for administrators also everybody's: who took what away, when, how many rows."""
    _check_right(request)
    sees_all = role(request.user) == "administrator"
    everybody = sees_all and request.GET.get("who") == "all"
    found = ExportJob.objects.all() if everybody else ExportJob.objects.filter(user=request.user.pk)
    page = Paginator(found.select_related("user"), ROWS).get_page(request.GET.get("page"))
    _tell_all(request)
    context = {
        "page": page,
        "sees_all": sees_all,
        "everybody": everybody,
        "titles": _titles(request) | OTHER_TITLES,
        "days": hub().access.view_log_days,
        "query": "who=all" if everybody else "",
    }
    return render(request, "exports/list.html", context)


@require_POST
def told(request: HttpRequest) -> HttpResponse:
    """Close the box of ended exports and go back to the page where it stood."""
    _tell_all(request)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "reports:exports")


def _tell_all(request: HttpRequest) -> None:
    untold(request.user).exclude(state__in=UNFINISHED).update(told=True)


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an export is, and its link once there is a file. Whoever opens it knows of its end."""
    found = _own(request, pk)
    if found.user_id == request.user.pk and not found.is_unfinished:
        ExportJob.objects.filter(pk=pk).update(told=True)
    return _job_page(request, found)


@require_safe
def state(request: HttpRequest, pk: int) -> JsonResponse:
    """The same for the script of the page."""
    found = _own(request, pk)
    return JsonResponse(
        {
            "unfinished": found.is_unfinished,
            "rows": found.rows_done,
            "total": found.rows_total,
            "percent": found.percent,
            "state": found.get_state_display(),
        }
    )


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, to whoever asked for it (or an administrator), with the rights of this moment, until it expires."""
    found = _own(request, pk)
    _check_right(request)
    if found.report not in _titles(request):
        raise Http404
    path = finished(found) if found.state == ExportState.DONE else None
    expired = found.expires_at is not None and found.expires_at < timezone.now()
    if path is None or expired:
        return _job_page(request, found, expired=True, status=HTTPStatus.GONE)
    if why_not(found, request.user):
        return _job_page(request, found, status=HTTPStatus.FORBIDDEN)
    note("export.downloaded", found)
    return FileResponse(path.open("rb"), as_attachment=True, filename=found.file_name)


@require_safe
def about_file(request: HttpRequest, pk: int) -> HttpResponse:
    """What belongs beside a file: filters, data times, definitions, rows and control sum, as names and texts."""
    found = _own(request, pk)
    if not found.facts or found.report not in _titles(request) | OTHER_TITLES:
        raise Http404
    if why_not(found, request.user):
        return _job_page(request, found, status=HTTPStatus.FORBIDDEN)
    lines = b"".join(csv_line([defused(name), defused(text)]) for name, text in found.facts)
    response = HttpResponse(b"\xef\xbb\xbf" + lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.file_name}.about.csv"'
    return response


def _job_page(
    request: HttpRequest, found: ExportJob, *, expired: bool = False, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = {
        "job": found,
        "title": (_titles(request) | OTHER_TITLES).get(found.report, found.report),
        "has_file": finished(found),
        "expired": expired,
        "pauses": exports_pause(timezone.now()) if found.schedule_id else [],
        "refused": why_not(found, request.user) if found.control_sum or found.report in OTHER_TITLES else "",
    }
    return render(request, "exports/job.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Compare a file that was exported here with what was written, and with the figures of that day and of today."""
    _check_right(request)
    checked, problem = None, ""
    if request.method == "POST":
        try:
            checked = check_file(request.FILES.get("file"), request.user, number=request.POST.get("export", ""))
        except NotChecked as refused:
            problem = str(refused)
    titles, recent = _titles(request), ExportJob.objects.filter(user=request.user.pk).exclude(control_sum="")[:ROWS]
    context = {
        "checked": checked,
        "problem": problem,
        "most": f"{LARGEST / 1_000_000:.0f} MB and {MOST_ROWS:,} rows",
        "recent": [(job, titles.get(job.report, job.report)) for job in recent],
    }
    return render(request, "exports/check.html", context, status=HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK)


def _check_right(request: HttpRequest) -> None:
    if not exporting.may_export(request.user):
        raise PermissionDenied(NO_RIGHT)


def _own(request: HttpRequest, pk: int) -> ExportJob:
    """The export, for its maker and for administrators; to everybody else it looks as if it did not exist."""
    found = ExportJob.objects.filter(pk=pk).first()
    is_own = found is not None and found.user_id == request.user.pk and exporting.may_export(request.user)
    if found is None or not (is_own or role(request.user) == "administrator"):
        raise Http404
    return found


def _titles(request: HttpRequest) -> dict[str, str]:
    return offered_titles(request.user)


def _given(request: HttpRequest) -> dict[str, str]:
    """The parameters of the URL that say what is asked."""
    return {name: str(value) for name, value in request.GET.dict().items() if value and name != "page"}


def _plain(text: str, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
