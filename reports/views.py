"""Report pages: read the request, ask, render."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from customers.access import hidden_columns, untied_reason
from customers.calendar import current_day
from customers.measures import MEASURES, Measure, get_measure
from customers.models import Customer
from customers.pages.evidence import build_evidence
from customers.pages.formula import ratio_words, sum_words
from customers.view_log import note_export
from integration_hub.config import hub
from reports import exporting
from reports.catalogue import SEGMENTATION, Report, reports_for, rollups_of
from reports.columns import stored_total
from reports.exports import NotExported
from reports.listing import build_listing
from reports.segmentation import BadThreshold, Selection, segments
from reports.segmentation_page import build_segmentation_page
from reports.total_parts import TotalRatio, total_parts

NO_FILE = HTTPStatus.INSUFFICIENT_STORAGE
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The reports there are."""
    return render(request, "reports/index.html", {"reports": reports_for(hidden_columns(request.user))})


@require_safe
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """A report that is a plain list of customers with their figures."""
    report = _report(request, name)
    if report.name == SEGMENTATION.name:
        return redirect("reports:segmentation")
    as_of, currency = current_day(), hub().company.reporting_currency
    context: dict[str, Any] = {
        "report": report,
        "as_of": as_of,
        "currency": currency,
        "may_export": exporting.may_export(request.user),
        "untied_reason": untied_reason(request.user),
    }
    if as_of is not None:
        rollups = rollups_of(request.user, as_of)
        selection, context["problem"] = _selection(request, report)
        page = request.GET.get("page", "1")
        context["listing"] = build_listing(report, rollups, selection, currency=currency, page_number=page)
    return render(request, "reports/list.html", context)


@require_safe
def segmentation(request: HttpRequest) -> HttpResponse:
    """Segmentation with thresholds from the URL; a threshold that is no amount is explained and the defaults are
    used.
    """
    report = _report(request, SEGMENTATION.name)
    selection, problem = _selection(request, report)
    as_of = current_day()
    page = None
    if as_of is not None:
        page = build_segmentation_page(
            request.user,
            report,
            selection,
            as_of=as_of,
            currency=hub().company.reporting_currency,
            page_number=request.GET.get("page", "1"),
        )
    context = {
        "report": report,
        "segmentation": page,
        "problem": problem,
        "may_export": exporting.may_export(request.user),
        "untied_reason": untied_reason(request.user),
    }
    return render(request, "reports/segmentation.html", context, status=400 if problem else 200)


@require_safe
def segmentation_chart(request: HttpRequest) -> HttpResponse:
    """The chart's figure as JSON, for the same selection as the page."""
    from reports.charts import segmentation_figure  # noqa: PLC0415 - plotly and pandas take a second to import

    selection, problem = _selection(request, _report(request, SEGMENTATION.name))
    as_of = current_day()
    if problem or as_of is None:
        return JsonResponse({"problem": problem or "No figures yet."}, status=400)
    found = segments(rollups_of(request.user, as_of), selection)
    figure = segmentation_figure(found, hub().company.reporting_currency)
    return HttpResponse(figure.to_json(), content_type="application/json")


@require_safe
def export(request: HttpRequest, name: str, kind: str) -> HttpResponse | StreamingHttpResponse:
    """The selection as a file: exactly the rows, order, columns and totals of the page."""
    report = _report(request, name)
    if kind not in {"csv", "xlsx"}:
        raise Http404
    if not exporting.may_export(request.user):
        raise PermissionDenied("Exports are for analysts and administrators.")
    selection, problem = _selection(request, report)
    as_of = current_day()
    if problem or as_of is None:
        return HttpResponse(problem or "There are no figures yet.", status=400, content_type="text/plain")
    prepared = exporting.prepare(report, selection, user=request.user, as_of=as_of)
    filename = f"{report.name}-{as_of.isoformat()}.{kind}"
    if kind == "csv":
        response: HttpResponse | StreamingHttpResponse = StreamingHttpResponse(
            exporting.csv_lines(prepared), content_type="text/csv; charset=utf-8"
        )
    else:
        try:
            response = exporting.xlsx_response(prepared, XLSX_TYPE)
        except NotExported as refused:
            return HttpResponse(str(refused), status=NO_FILE, content_type="text/plain; charset=utf-8")
    note_export(request.user, prepared.rows)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


@require_safe
def figure(request: HttpRequest, measure: str) -> HttpResponse:
    """The documents that make a total of the segmentation, over all customers of the selection."""
    hidden = hidden_columns(request.user)
    selection, problem = _selection(request, SEGMENTATION)
    as_of = current_day()
    if SEGMENTATION.rests_on & hidden:
        # The thresholds of the URL would give the classes away.
        selection, problem = Selection(), ""
    if measure not in MEASURES or measure in hidden or as_of is None or problem:
        raise Http404
    declared = get_measure(measure)
    rows = SEGMENTATION.rows(rollups_of(request.user, as_of), selection)
    context: dict[str, Any] = {
        "measure": declared,
        "as_of": as_of,
        "currency": hub().company.reporting_currency,
        "words": SEGMENTATION.words(selection, hub().company.reporting_currency),
        "query": selection.query(),
        "customers": rows.count(),
    }
    if declared.kind == "ratio":
        return render(request, "reports/ratio.html", context | _ratio(declared, total_parts(declared, rows)))
    if declared.kind not in {"sum", "count"}:
        raise Http404
    customers = Customer.objects.filter(pk__in=rows.order_by().values("customer_id"))
    stored = stored_total(declared, rows)
    evidence = build_evidence(declared, customers, as_of, stored=stored, page_number=request.GET.get("page"))
    context |= {"evidence": evidence, "formula": sum_words(evidence, context["currency"])}
    return render(request, "reports/figure.html", context)


def _ratio(measure: Measure, ratio: TotalRatio) -> dict[str, Any]:
    above, below = ratio.parts
    words = ratio_words(measure, above.value, below.value, hub().company.reporting_currency)
    return {"ratio": ratio, "formula": words}


def _report(request: HttpRequest, name: str) -> Report:
    """The report as the reader may see it; Http404 for none of that name, and for one that rests on hidden figures."""
    report = next((each for each in reports_for(hidden_columns(request.user)) if each.name == name), None)
    if report is None:
        raise Http404
    return report


def _selection(request: HttpRequest, report: Report) -> tuple[Selection, str]:
    try:
        return report.selected(report.read(request.GET), hidden_columns(request.user)), ""
    except BadThreshold as problem:
        return Selection(), str(problem)
