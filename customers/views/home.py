"""The front page of an account manager, and the lists behind its figures and news."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from customers.access import current_day, untied_reason
from customers.attention_rules import get_rule
from customers.measures import MEASURES, get_measure
from customers.pages.home.attention import build_all_attention, build_attention
from customers.pages.home.book import Book, read_book
from customers.pages.home.changes import get_kind
from customers.pages.home.figure import ADDITIVE, build_book_figure
from customers.pages.home.news import build_all_of_kind, build_news
from customers.pages.home.since import LABELS, read_since
from customers.pages.home.tiles import build_tiles, figure_url, sum_book
from customers.pages.home.unlinked import build_unlinked
from integration_hub.config import hub


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The book at a glance, its news since the last visit, and who needs attention; `person` and `since` in the URL."""
    as_of = current_day()
    if as_of is None or untied_reason(request.user):
        return render(request, "customers/home.html", {"untied_reason": untied_reason(request.user)})
    book = read_book(request.user, as_of, request.GET.get("person", ""))
    sums, context = sum_book(book), _context(book)
    if sums.customers:
        since = read_since(request.user, as_of, request.GET.get("since", ""))
        currency = context["currency"]
        context |= {
            "tiles": build_tiles(book, sums, currency),
            "unlinked": build_unlinked(book, currency),
            "since": since,
            "sinces": [(name, label, name == since.name, book.query(since=name)) for name, label in LABELS.items()],
            "news": build_news(book, since),
            "attention": build_attention(book, currency),
        }
    return render(request, "customers/home.html", context | {"sums": sums})


@require_safe
def book_figure(request: HttpRequest, measure: str) -> HttpResponse:
    """The customers whose stored figures add up to the book's."""
    book = _book(request)
    if measure not in MEASURES or get_measure(measure).kind not in ADDITIVE or measure in book.hidden:
        raise Http404
    context = _context(book) | {"figure": build_book_figure(book, get_measure(measure), request.GET.get("page"))}
    if measure == "revenue_ytd" and "revenue_ytd_prior" not in book.hidden:
        context["prior_url"] = figure_url(book, "revenue_ytd_prior")
    return render(request, "customers/book_figure.html", context)


@require_safe
def changes(request: HttpRequest, kind: str) -> HttpResponse:
    """All news of one kind."""
    book = _book(request)
    declared = get_kind(kind, book.hidden)
    if declared is None:
        raise Http404
    since = read_since(request.user, book.as_of, request.GET.get("since", ""))
    told = build_all_of_kind(book, since, declared, request.GET.get("page"))
    context = {"told": told, "since": since, "query": book.query(since=since.name).removeprefix("?")}
    return render(request, "customers/changes.html", _context(book) | context)


@require_safe
def attention(request: HttpRequest) -> HttpResponse:
    """All customers that need attention, or those of one rule (`reason`)."""
    book = _book(request)
    rule, currency = get_rule(request.GET.get("reason", ""), book.hidden), hub().company.reporting_currency
    context = _context(book) | {
        "attention": build_all_attention(book, rule, request.GET.get("page"), currency),
        "query": book.query(reason=rule.name if rule else "").removeprefix("?"),
    }
    return render(request, "customers/attention.html", context)


def _book(request: HttpRequest) -> Book:
    """Raises Http404 before the first roll-up: there is nothing to list."""
    as_of = current_day()
    if as_of is None:
        raise Http404
    return read_book(request.user, as_of, request.GET.get("person", ""))


def _context(book: Book) -> dict[str, Any]:
    return {
        "book": book,
        "currency": hub().company.reporting_currency,
        "home_url": reverse("customers:home") + book.query(),
    }
