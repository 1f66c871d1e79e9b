"""Rows of order lines written at once: a page holds a hundred lines with hundreds of documents behind them."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from customers.pages.line_rows import LineRow

register = template.Library()


@register.simple_tag
def line_cells(row: LineRow) -> SafeString:
    """The quantities of a line, each with its amount below."""
    return format_html_join(
        "",
        '<td class="{}">{}{}</td>',
        (
            (cell.css, cell.quantity, format_html('<span class="note">{}</span>', cell.amount) if cell.amount else "")
            for cell in row.cells
        ),
    )


@register.simple_tag
def documents_behind(row: LineRow) -> SafeString:
    """The delivery and invoice lines behind a line's numbers."""
    return format_html_join(
        "",
        '<li class="{}"><span>{} <a class="link" href="{}">{}</a></span><span>{}</span><span class="num">{}</span>'
        '<span class="num">{}</span><span class="muted">{}</span></li>',
        (
            (
                "off" if one.left_out else "",
                one.kind,
                one.url,
                one.number,
                one.day,
                one.quantity,
                one.amount,
                f"not counted: {one.left_out}" if one.left_out else "",
            )
            for one in row.behind
        ),
    )
