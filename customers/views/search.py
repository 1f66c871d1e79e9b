"""The search box: customers by words, documents by their number."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from customers.pages.search_results import build_search


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """One single hit opens at once; otherwise everything found is listed."""
    text = request.GET.get("q", "").strip()
    found = build_search(text, request.user)
    if found.only_url:
        return redirect(found.only_url)
    return render(request, "customers/search.html", {"found": found, "search_text": text})
