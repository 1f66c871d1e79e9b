"""Pages on how RFM scores are set."""

from decimal import Decimal
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from customers.access import hidden_columns, sees_all, untied_reason, visible
from customers.calendar import current_day
from customers.models import RfmCalibration
from customers.rfm import SCORED_BY, at_day
from customers.rfm_calibration import NotCalibrated, calibrate
from customers.rfm_in_force import calibration_in_force, scales_in_force
from customers.rfm_quantiles import NothingToShareOut
from customers.rfm_scales import BadScales, emptied, from_stored, written
from customers.rfm_segments import SEGMENTS, segment_label
from integration_hub.config import hub
from reports.rfm.calibrating import build_preview, form_of, read_asked
from reports.rfm.grid import counted_cells, grid_rows, together
from reports.rfm.scale_table import new_words, scale_rows

LOGGED = 20


def _check(request: HttpRequest, *, changes: bool = False) -> None:
    """Http404 for whoever may not see a figure that scores are made of, or may not change scales."""
    hidden = hidden_columns(request.user)
    if hidden & SCORED_BY or (changes and (not sees_all(request.user) or "overdue_amount" in hidden)):
        raise Http404


@require_safe
def scales(request: HttpRequest) -> HttpResponse:
    """What each score takes, which scores make which segment, who is where, and every change there was."""
    _check(request)
    as_of, currency, in_force = current_day(), hub().company.reporting_currency, scales_in_force()
    found = counted_cells(visible(at_day(as_of), request.user), in_force) if as_of else ()
    shows_overdue = "overdue_amount" not in hidden_columns(request.user)
    log = Paginator(RfmCalibration.objects.all(), LOGGED).get_page(request.GET.get("page"))
    context = {
        "as_of": as_of,
        "currency": currency,
        "in_force": calibration_in_force(),
        "scales": scale_rows(in_force, currency),
        "new": new_words(in_force),
        "sentences": emptied(in_force),
        "grid": grid_rows(found),
        "segments": [(SEGMENTS[name], *rest) for name, *rest in together(found)],
        "customers": sum(each.customers for each in found),
        # What moved is a sum over all customers: for those who see them.
        "log": [_logged(row, moves=sees_all(request.user) and shows_overdue) for row in log.object_list],
        "page": log,
        "may_change": sees_all(request.user) and shows_overdue,
        "shows_overdue": shows_overdue,
        "untied_reason": untied_reason(request.user),
    }
    return render(request, "rfm/scales.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def calibration(request: HttpRequest) -> HttpResponse:
    """Other scales: a preview of who would move, and the act of putting them in force with a reason."""
    _check(request, changes=True)
    as_of, currency = current_day(), hub().company.reporting_currency
    given = (request.POST if request.method == "POST" else request.GET).dict()
    standing = calibration_in_force()
    context: dict[str, Any] = {
        "as_of": as_of,
        "currency": currency,
        "standing": standing.pk if standing else 0,
        "entered": given,
        "form": form_of(scales_in_force(), given),
    }
    if as_of is None:
        return render(request, "rfm/calibrate.html", context)
    try:
        asked = read_asked(given, as_of)
    except (BadScales, NothingToShareOut) as problem:
        return render(request, "rfm/calibrate.html", context | {"problem": str(problem)}, status=400)
    if request.method == "POST":
        try:
            _check_standing(given, context["standing"])
            made = calibrate(
                cast("User", request.user),
                as_of,
                asked.scales,
                method=asked.method,
                ties=asked.ties,
                reason=given.get("reason", ""),
            )
        except NotCalibrated as refused:
            context["problem"] = str(refused)
        else:
            moved = sum(row["customers"] for row in made.movers)
            messages.success(request, f"The new scales are in force; {moved:,} customers moved by them.")
            return redirect("reports:rfm_scales")
    preview = build_preview(asked, as_of, currency, given)
    context |= {"asked": asked, "preview": preview, "form": form_of(asked.scales, given)}
    context["hidden_inputs"] = written(asked.scales)
    return render(request, "rfm/calibrate.html", context, status=400 if "problem" in context else 200)


def _check_standing(given: dict[str, str], standing: int) -> None:
    if given.get("standing") != str(standing):
        raise NotCalibrated("Somebody changed the scales since this preview was made. Look at the new one below.")


def _logged(row: RfmCalibration, *, moves: bool) -> dict[str, Any]:
    """One line of the log: the decision, and what moved by it."""
    moved = [
        {
            "before": segment_label(each["before"]),
            "after": segment_label(each["after"]),
            "customers": each["customers"],
            "revenue": Decimal(each["revenue"]),
            "overdue": Decimal(each["overdue"]),
        }
        for each in (row.movers if moves else ())
    ]
    return {
        "row": row,
        "moved": moved,
        "customers": sum(each["customers"] for each in moved),
        "revenue": sum((each["revenue"] for each in moved), Decimal(0)),
        "scales": scale_rows(from_stored(row.scales), row.currency),
    }
