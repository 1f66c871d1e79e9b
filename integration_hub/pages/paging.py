"""Pages of long tables, fifty rows each."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE_ROWS = 50


def page_of(rows: Any, request: HttpRequest) -> "Page[Any]":
    """The page named in the query string; the nearest one when there is none of that number."""
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
