"""The cells of the customer list. Written here and not in its template: three hundred of them took a template's loop a
third of the page's time.
"""

from collections.abc import Iterable
from html import escape
from typing import Protocol

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from customers.templatetags.proof import Value, exact

register = template.Library()
# Stand for a customer and a measure in an address that is made once for all cells.
ANY_CUSTOMER, ANY_MEASURE = 9_999_999_999, "any-measure"


class Cell(Protocol):
    """As customers.pages.customer_list.Cell."""

    @property
    def text(self) -> str: ...

    @property
    def measure(self) -> str: ...

    @property
    def value(self) -> Value: ...

    @property
    def numeric(self) -> bool: ...

    @property
    def bad(self) -> bool: ...

    @property
    def note(self) -> str: ...

    @property
    def wide(self) -> bool: ...


class Row(Protocol):
    """As customers.pages.customer_list.Row."""

    @property
    def pk(self) -> int: ...

    @property
    def cells(self) -> Iterable[Cell]: ...


@register.simple_tag
def figure_address() -> str:
    """The address of any figure of any customer, for `cells`."""
    return reverse("customers:figure", args=(ANY_CUSTOMER, ANY_MEASURE))


@register.filter
def cells(row: Row, address: str) -> SafeString:
    """The cells of a row; a figure is a link to its documents."""
    figures = address.replace(str(ANY_CUSTOMER), str(row.pk))
    return mark_safe("".join(_cell(cell, figures) for cell in row.cells))  # noqa: S308 - escaped piece by piece


def _cell(cell: Cell, figures: str) -> str:
    css = f"{'num' if cell.numeric else ''}{' wide' if cell.wide else ''}{'' if cell.measure else ' muted'}"
    text = escape(cell.text)
    if cell.measure:
        url, name = escape(figures.replace(ANY_MEASURE, cell.measure)), escape(cell.measure)
        mark = f'data-figure="{name}" data-value="{escape(exact(cell.value))}"'
        text = f'<a class="fig{" bad-t" if cell.bad else ""}" href="{url}" {mark}>{text}</a>'
    note = f'<span class="note">{escape(cell.note)}</span>' if cell.note else ""
    return f'<td class="{css}">{text}{note}</td>'
