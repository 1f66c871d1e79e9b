"""Reconciliation: every ERP beside the mirror, how it was over time, and the documents behind a difference."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from integration_hub.models import Reconciliation
from integration_hub.pages import reconciliation_rows as rows
from integration_hub.pages.access import analysts_only, is_administrator
from integration_hub.pages.paging import page_of
from integration_hub.standing_differences import compared_streams
from integration_hub.status.proven import proven


@require_GET
@analysts_only
def reconciliation(request: HttpRequest) -> HttpResponse:
    """The last comparison of every stream, per source."""
    sources = rows.sources()
    lines = [line for source in sources for line in source.lines]
    context = {
        "sources": sources,
        "compared": sum(line.found is not None for line in lines),
        "proven": proven(),
        "differing": [line for line in lines if line.found is not None and not line.found.agrees],
        "blocks": any(line.found is not None and line.found.confirmed for line in lines),
        "quarantine": rows.quarantine(),
        "administrator": is_administrator(request.user),
    }
    return render(request, "hub/reconciliation.html", context)


@require_GET
@analysts_only
def stream(request: HttpRequest, stream: str) -> HttpResponse:
    """Every kept comparison of one stream, and what the last one found."""
    kept = Reconciliation.objects.filter(stream=stream)
    if stream not in compared_streams() and not kept.exists():
        raise Http404
    last = kept.first()
    context = {
        "stream": stream,
        "label": rows.label(stream),
        "line": rows.line(stream, last),
        "groups": rows.groups(last) if last else [],
        "sums": rows.sums(last) if last else [],
        "page": page_of(kept.select_related("run_ref"), request),
        "administrator": is_administrator(request.user),
    }
    return render(request, "hub/reconciliation_stream.html", context)


@require_GET
@analysts_only
def group(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One company, month and currency that differed: its documents here, and those that differ beside the source's."""
    found = get_object_or_404(Reconciliation, pk=pk)
    groups = rows.groups(found)
    if not 0 < number <= len(groups):
        raise Http404
    chosen = groups[number - 1]
    page = page_of(rows.mirrored(found, chosen), request)
    context = {
        "check": found,
        "label": rows.label(found.stream),
        "group": chosen,
        "named": rows.named(found, chosen),
        "page": page,
        "lines": rows.mirror_lines(found, page.object_list),
        "waiting": rows.waiting(found.stream),
        "administrator": is_administrator(request.user),
    }
    return render(request, "hub/reconciliation_group.html", context)
