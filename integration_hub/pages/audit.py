"""The audit as pages: everybody's for administrators, one's own for everybody, and the button that verifies it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from integration_hub.audit import record
from integration_hub.audit.verifying import head, verify
from integration_hub.pages import audit_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.csv_file import csv_answer
from integration_hub.pages.tabs import run_tabs

# More would keep the page waiting; the command reads all.
MOST_VERIFIED = 100_000


@require_safe
@administrators_only
def audit(request: HttpRequest) -> HttpResponse:
    """Every act, newest first, filtered by who, what, object and days."""
    asked = audit_rows.read_asked(request.GET.dict())
    context = {
        "page": audit_rows.page_of_rows(audit_rows.chosen_rows(asked), asked),
        "asked": asked,
        "choices": audit_rows.choices(asked.what),
        "head": head(),
        "query": _filter_alone(request),
        "tabs": run_tabs("audit"),
    }
    return render(request, "audit/list.html", context)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the reader's own login did, or was refused."""
    asked = audit_rows.read_asked(request.GET.dict())
    rows = audit_rows.chosen_rows().filter(who=request.user.get_username())
    return render(request, "audit/mine.html", {"page": audit_rows.page_of_rows(rows, asked)})


@require_safe
@administrators_only
def audit_csv(request: HttpRequest) -> HttpResponseBase:
    """The rows of the filter as CSV, newest first. A filter that cannot be read is refused: a file of all rows would
    pass for what was asked for.
    """
    asked = audit_rows.read_asked(request.GET.dict())
    if asked.unread:
        raise BadRequest(" ".join((*asked.unread, "No file was made.")))
    record("audit.exported", "audit", "hub_audit", after={"filter": _filter_alone(request)})
    return csv_answer(audit_rows.csv_rows(audit_rows.chosen_rows(asked)), "audit.csv")


@require_POST
@administrators_only
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Verify the newest 100,000 rows, or all where there are no more."""
    newest = head()
    start = newest.sequence - MOST_VERIFIED + 1 if newest else 1
    found = verify(since=start if start > 1 else None)
    told = {"rows": found.rows, "problem": found.problem}
    record("audit.verified", "audit", "hub_audit", after=told, result="ok" if found.is_whole else "broken")
    if not found.is_whole:
        messages.error(request, f"The chain is broken. {found.problem}")
    else:
        which = "All" if start <= 1 else "The newest"
        rest = "" if start <= 1 else " “manage.py audit --verify” reads all of them."
        messages.success(request, f"{which} {found.rows:,} rows fit together. Head: {found.head}.{rest}")
    return redirect("audit")


def _filter_alone(request: HttpRequest) -> str:
    """The filter without the place in the list, as a query."""
    kept = request.GET.copy()
    for name in ("before", "after"):
        kept.pop(name, None)
    return kept.urlencode()
