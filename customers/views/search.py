"""The search box: customers, people, documents and deals, as a page or as the groups that the palette shows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from customers.access import current_day
from customers.opened import opened_customers
from customers.pages.search_results import build_search, recent_customers

IN_PALETTE = 5


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """One hit that is meant opens at once; otherwise everything found is listed. `part` asks for the groups alone, and
    for the customers opened last where nothing is typed yet.
    """
    text = request.GET.get("q", "").strip()
    as_of = current_day()
    if "part" in request.GET:
        found = build_search(text, request.user, as_of, IN_PALETTE)
        recent = () if text else recent_customers(opened_customers(request.session), request.user, as_of)
        context = {"found": found, "recent": recent, "search_text": text}
        # Without the request: what the frame of a page shows would be read and written for nobody, with every letter.
        return HttpResponse(render_to_string("customers/palette.html", context))
    found = build_search(text, request.user, as_of)
    if found.only_url:
        return redirect(found.only_url)
    return render(request, "customers/search.html", {"found": found, "search_text": text})
