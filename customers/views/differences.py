"""The inbox of differences between ERP and Salesforce, one of them with its history, and the table of masters."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.access import untied_reason
from customers.differences import acting
from customers.differences.inbox import build_inbox
from customers.differences.masters import build_masters
from customers.differences.one import build_one, find_difference


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The list; filters and place stand in the URL."""
    context = {"inbox": build_inbox(_user(request), request.GET), "untied_reason": untied_reason(request.user)}
    return render(request, "differences/inbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def difference(request: HttpRequest, difference: int) -> HttpResponse:
    """One difference; POST adds a comment."""
    user = _user(request)
    found = find_difference(user, difference)
    if found is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            acting.comment(user, found, request.POST.get("text", ""))
        except acting.NotDone as refused:
            problem = str(refused)
        else:
            messages.success(request, "The comment is added.")
            return redirect("customers:difference", difference=difference)
    context = {"one": build_one(user, found), "problem": problem, "entered": request.POST.get("text", "")}
    return render(request, "differences/one.html", context, status=400 if problem else 200)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Assign, snooze or wake what was ticked, and go back to where the form was."""
    user, given = _user(request), request.POST
    try:
        found = acting.chosen(user, given.getlist("difference"))
        if given.get("act") == "assign":
            done = acting.assign(user, found, given.get("to", ""))
        elif given.get("act") == "snooze":
            done = acting.snooze(user, found, given.get("until", ""), given.get("reason", ""))
        elif given.get("act") == "wake":
            done = acting.wake(user, found)
        else:
            raise acting.NotDone("Nothing was changed: choose what to do.")
    except acting.NotDone as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, done)
    one = given.get("one", "")
    if one.isascii() and one.isdigit():
        return redirect("customers:difference", difference=int(one))
    query = given.get("query", "")
    return redirect(f"{reverse('customers:differences')}?{query}" if query else reverse("customers:differences"))


@require_safe
def masters(request: HttpRequest) -> HttpResponse:
    """Which system is the master of which field."""
    return render(request, "differences/masters.html", {"table": build_masters(_user(request))})


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
