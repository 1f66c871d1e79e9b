"""How a figure is marked in the page, so that a test finds every one of them and holds it against what it opens."""

from datetime import date
from decimal import Decimal
from html import escape

from django import template
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
NOT_KEPT = ("after", "before", "page", "seen", "until")
Value = Decimal | int | date | str | None


@register.simple_tag
def figure_mark(name: str, value: Value) -> SafeString:
    """The attributes of a link around a figure; components/value.html says which names there are."""
    # Not by format_html: a page has some sixty of them.
    return SafeString(f' data-figure="{escape(name)}" data-value="{escape(exact(value))}"')


@register.simple_tag
def total_mark(total: Value, count: int | None = None) -> SafeString:
    """The attributes of the element with the total of all rows that a page lists, and how many they are."""
    counted = format_html(' data-count="{}"', count) if count is not None else ""
    return format_html(' data-total="{}"{}', exact(total), counted)


@register.simple_tag
def made_of(formula: str, value: Value) -> SafeString:
    """The attributes of a number that is made of figures on the same page: "revenue_ytd - revenue_ytd_prior"."""
    return format_html(' data-from="{}" data-value="{}"', formula, exact(value))


@register.simple_tag(takes_context=True)
def same_page(context: template.Context, **changes: object) -> str:
    """This page with another day or group: its other parameters stay, its position in a list and a copied link's mark
    do not.
    """
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name in (*NOT_KEPT, *changes):
        query.pop(name, None)
    query.update({name: str(value) for name, value in changes.items() if value})
    return f"{request.path}?{query.urlencode()}" if query else request.path


@register.simple_tag(takes_context=True)
def kept_fields(context: template.Context) -> SafeString:
    """Hidden fields with this page's parameters, for a form that only changes the day."""
    request: HttpRequest = context["request"]
    kept = ((name, value) for name, value in request.GET.items() if name not in {"as_of", *NOT_KEPT})
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


def exact(value: Value) -> str:
    """The whole value, unrounded; empty for an unknown one."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
