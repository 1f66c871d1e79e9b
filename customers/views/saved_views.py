"""Saving, changing and deleting one's own views of the list, and choosing its columns: local data, by POST only."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from customers.models import SavedView
from customers.pages.list_columns import columns_for, keep_columns, read_names
from customers.pages.list_filters import canonical
from customers.pages.saved_views import change_view, delete_view, own_url, save_view


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """A new view from the query string that the form carries."""
    query = QueryDict(request.POST.get("query", ""))
    try:
        view = save_view(_user(request), request.POST.get("name", ""), query, shared="shared" in request.POST)
    except ValueError as problem:
        messages.warning(request, str(problem))
        return _to_list(canonical(query, columns_for(request.user)))
    messages.success(request, f"Saved as “{view.name}”.")
    return redirect(own_url(view))


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, share, replace what it holds, or delete; only one's own."""
    view = get_object_or_404(SavedView.objects.filter(user=request.user.pk), pk=pk)
    if "delete" in request.POST:
        delete_view(view)
        messages.success(request, f"“{view.name}” is deleted.")
        return _to_list(view.query)
    query = QueryDict(request.POST["query"]) if "replace" in request.POST and "query" in request.POST else None
    try:
        change_view(view, request.POST.get("name", view.name), query, shared="shared" in request.POST)
    except ValueError as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, f"“{view.name}” is changed.")
    return redirect(own_url(view))


@require_POST
def columns(request: HttpRequest) -> HttpResponse:
    """Keep the ticked columns for this user; none ticked, or "usual", brings the usual ones back."""
    known = columns_for(request.user)
    names = [] if "usual" in request.POST else read_names(",".join(request.POST.getlist("column")), known)
    keep_columns(_user(request), names)
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query["columns"] = ",".join(names)
    return _to_list(canonical(query, known))


def _user(request: HttpRequest) -> User:
    """Signed in for certain: LoginRequiredMiddleware lets nobody else through."""
    return User.objects.get(username=request.user.get_username())


def _to_list(query: str) -> HttpResponse:
    return redirect(f"{reverse('customers:list')}?{query}" if query else reverse("customers:list"))
