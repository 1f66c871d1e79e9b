"""Pages of long tables."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE_ROWS = 50


def page_of(rows: Any, request: HttpRequest, *, size: int = PAGE_ROWS) -> "Page[Any]":
    """The page named in the query string; the nearest one when there is none of that number."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
