"""Report pages: read the request, ask, render."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from customers.access import hidden_columns, untied_reason
from customers.calendar import current_day
from customers.links_then import customers_then
from customers.measures import MEASURES, Measure, get_measure
from customers.pages.evidence import build_evidence
from customers.pages.formula import ratio_words, sum_words
from integration_hub.config import hub
from reports import exporting
from reports.asking import read_question, usual_question
from reports.catalogue import groups_for
from reports.offered import offered_report
from reports.page import build_page
from reports.parameters import BadParameter
from reports.segments.report import PREFIX, SEGMENTS
from reports.shape import Answer, Question, Report
from reports.total_parts import TotalRatio, stored_total, total_parts

NO_FIGURES = "There are no figures yet."


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The reports there are."""
    context = {"groups": groups_for(hidden_columns(request.user)), "may_export": exporting.may_export(request.user)}
    return render(request, "reports/index.html", context)


@require_safe
def report(request: HttpRequest, name: str) -> HttpResponse:
    """A report for the parameters of the URL; one that cannot be used is explained and the usual ones hold."""
    asked = find_report(request, name)
    if asked.group == SEGMENTS:
        return redirect("segments:members", int(name.removeprefix(PREFIX)))
    question, problem = find_question(request, asked)
    page, number = None, request.GET.get("page") or "1"
    if question is not None:
        try:
            page = build_page(asked, question, page_number=number)
        except BadParameter as bad:
            problem = str(bad)
            usual = usual_question(asked, user=request.user, as_of=question.as_of)
            # Of the same day, so that its figures open what they are of.
            day = {name: value for name, value in question.values.items() if name == "day"}
            page = build_page(asked, replace(usual, values={**usual.values, **day}))
    context = {
        "report": asked,
        "page": page,
        "problem": problem,
        "exports": exporting.buttons(request.user, page.listing.count if page else 0),
        "untied_reason": untied_reason(request.user),
    }
    return render(request, "reports/report.html", context, status=400 if problem else 200)


@require_safe
def chart(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One chart of a report as JSON, for the same question as the page."""
    from reports.charts import figure_of  # noqa: PLC0415 - plotly and pandas take a second to import

    asked = find_report(request, name)
    answer, question, problem = _answer(request, asked)
    if answer is None or question is None:
        return JsonResponse({"problem": problem}, status=400)
    if number >= len(answer.charts):
        raise Http404
    drawn = answer.charts[number]
    figure = figure_of(drawn.table or answer.overview or answer, drawn, question.currency)
    return HttpResponse(figure.to_json(), content_type="application/json")


@require_safe
def figure(request: HttpRequest, name: str, measure: str) -> HttpResponse:
    """The documents that make a total of a report, over all customers of its rows."""
    asked = find_report(request, name)
    answer, question, problem = _answer(request, asked)
    if problem and question is None and current_day() is not None:
        return render(request, "400.html", {"problem": problem}, status=400)
    if measure not in MEASURES or answer is None or question is None or answer.customers is None:
        raise Http404
    if measure in question.hidden:
        raise Http404
    declared, customers = get_measure(measure), answer.customers()
    rows = question.rollups().filter(customer__in=customers)
    context: dict[str, Any] = {
        "report": asked,
        "measure": declared,
        "as_of": question.as_of,
        "currency": question.currency,
        "words": answer.words,
        "query": asked.query(question),
        "customers": rows.count(),
    }
    if declared.kind == "ratio":
        ratio = total_parts(asked.name, declared, rows)
        return render(request, "reports/ratio.html", context | _ratio(declared, ratio))
    if declared.kind not in {"sum", "count"}:
        raise Http404
    stored = stored_total(declared, rows)
    then = customers_then(customers, question.as_of)
    evidence = build_evidence(declared, then, question.as_of, stored=stored, page_number=request.GET.get("page"))
    context |= {"evidence": evidence, "formula": sum_words(evidence, context["currency"])}
    return render(request, "reports/figure.html", context)


def _ratio(measure: Measure, ratio: TotalRatio) -> dict[str, Any]:
    above, below = ratio.parts
    words = ratio_words(measure, above.value, below.value, hub().company.reporting_currency)
    return {"ratio": ratio, "formula": words}


def find_report(request: HttpRequest, name: str) -> Report:
    """The report as the reader may see it; Http404 for none of that name, and for one that rests on hidden figures."""
    found = offered_report(name, request.user)
    if found is None:
        raise Http404
    return found


def find_question(request: HttpRequest, asked: Report) -> tuple[Question | None, str]:
    """What the URL asks, or the usual question and what is wrong with the URL; None before the first figures."""
    as_of = current_day()
    if as_of is None:
        return None, ""
    try:
        return read_question(asked, request.GET, user=request.user, as_of=as_of), ""
    except BadParameter as problem:
        return usual_question(asked, user=request.user, as_of=as_of), str(problem)


def _answer(request: HttpRequest, asked: Report) -> tuple[Answer | None, Question | None, str]:
    question, problem = find_question(request, asked)
    if question is None or problem:
        return None, None, problem or NO_FIGURES
    try:
        return asked.answer(question), question, ""
    except BadParameter as bad:
        return None, None, str(bad)
