"""The page on which a book is lent to a deputy for some days, and taken back."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from customers import appointing, books
from customers.access import role
from customers.formats import day
from customers.models import Deputy
from customers.pages.deputies import build_rows

ROWS = 50


@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: HttpRequest) -> HttpResponse:
    """Who stands in for whom, and a form for those who may lend a book."""
    user, problem = cast("User", request.user), ""
    if request.method == "POST":
        if not appointing.lenders(user).exists():
            raise Http404
        try:
            made = appointing.appoint(user, appointing.read(user, request.POST.dict()))
        except appointing.NotAppointed as refused:
            problem = str(refused)
        else:
            name = made.deputy.get_full_name() or made.deputy.get_username()
            messages.success(request, f"{name} is deputy until {day(made.ends_on)} included.")
            return redirect("customers:deputies")
    known = Paginator(appointing.known_to(user), ROWS).get_page(request.GET.get("page"))
    lenders = appointing.lenders(user)
    context = {
        "rows": build_rows(user, list(known)),
        "page": known,
        "lenders": lenders,
        "colleagues": appointing.colleagues(user) if lenders else (),
        "chooses": role(user) == "administrator",
        "sees_all": role(user) == "analyst",
        "today": books.company_date(),
        "entered": request.POST,
        "problem": problem,
    }
    return render(request, "customers/deputies.html", context, status=400 if problem else 200)


@require_POST
def end_deputy(request: HttpRequest, deputy: int) -> HttpResponse:
    """Take the book back now."""
    user = cast("User", request.user)
    row = get_object_or_404(Deputy, pk=deputy)
    if not appointing.may_end(user, row):
        raise Http404
    if not books.is_over(row):
        appointing.take_back(user, row)
        messages.success(request, "The book was taken back.")
    return redirect("customers:deputies")
