"""The twelve months of a year as bars and as rows of a table.

They are written here and not in the template: with some four hundred values they took a tenth of the time of the whole
page of a customer there.
"""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString

from customers import formats
from customers.charts import MonthBar, MonthChart
from customers.pages.revenue import MonthRow
from customers.templatetags.proof import figure_mark

register = template.Library()


@register.simple_tag
def month_bars(chart: MonthChart, currency: str) -> SafeString:
    """Bars of this year with the figures of both years as their titles; amounts in `currency`, without cents."""
    return SafeString("\n".join(_bar(bar, chart.height, currency) for bar in chart.bars))


@register.simple_tag
def month_points(chart: MonthChart) -> SafeString:
    """The points of the year before."""
    return SafeString(
        "".join(
            f'<path class="pt" d="M{bar.point_x} {bar.point_y}h.01"/>'
            f'<path class="pt pt2" d="M{bar.point_x} {bar.point_y}h.01"/>'
            for bar in chart.bars
        )
    )


@register.simple_tag
def month_axis(chart: MonthChart) -> SafeString:
    """The names of the months below the bars; the running one stands out."""
    names = ((f"{bar.month:%b}", bar.running) for bar in chart.bars)
    return SafeString("".join(f"<span>{f'<b>{name}</b>' if now else name}</span>" for name, now in names))


@register.simple_tag
def month_rows(rows: Iterable[MonthRow]) -> SafeString:
    """One row a month with the amounts of both years, each a link to its invoices."""
    return SafeString("".join(map(_row, rows)))


def _bar(bar: MonthBar, height: int, currency: str) -> str:
    before = formats.money(bar.previous, currency, places=0)
    now, drawn = "", ""
    if bar.current is not None:
        now = f"{formats.money(bar.current, currency, places=0)}{' so far' if bar.running else ''}, "
        drawn = (
            f'<rect class="cur{" now" if bar.running else ""}" x="{bar.x}" y="{bar.y}" width="52" '
            f'height="{bar.height}"/>'
        )
    title = escape(f"{formats.month(bar.month)}: {now}{before} a year before")
    return (
        f'<g><title>{title}</title><rect class="hit" x="{bar.hit_x}" y="0" width="100" height="{height}"/>{drawn}</g>'
    )


def _row(row: MonthRow) -> str:
    current = "–"
    if row.current is not None:
        current = f'<a class="fig" href="{escape(row.url)}"{figure_mark("total", row.current)}>'
        current += f"{formats.money(row.current)}</a>"
    before = f'<a class="fig" href="{escape(row.previous_url)}"{figure_mark("total", row.previous)}>'
    return (
        f'<tr><th scope="row">{row.month:%B}</th><td class="num">{current}</td>'
        f'<td class="num">{before}{formats.money(row.previous)}</a></td></tr>'
    )
