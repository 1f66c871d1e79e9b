"""The key-figure row: six measures with a comparison in words and a small bar, each a link to its documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from customers import formats
from customers.addresses import customer_address
from customers.aging import BY_DUE_DATE
from customers.charts import Segment, compared_bar, part_bar, share_bar
from customers.hidden import rests_on, shown
from customers.measures import Figure, get_measure
from customers.models import CustomerRollup
from customers.pages.period_words import compared_words, range_words, weeks_words
from customers.pages.scope import Scope
from customers.pages.without_rate import not_billed_words, open_orders_words, overdue_words

BAR = 200
NEVER_ORDERED = "nothing was ordered yet"
NOTHING = (Segment("td", "0", str(BAR)),)
AGING_CLASSES: Mapping[str, str] = {bucket.name: bucket.css for bucket in BY_DUE_DATE}


@dataclass(frozen=True)
class Delta:
    """A change against a comparable value; `word` repeats the arrow for those who do not see it."""

    word: str
    text: str
    css: str
    icon: str


@dataclass(frozen=True)
class Tile:
    """One key figure: the measure and its stored `figure`, compact value, exact one for the title, what it is compared
    with, and a bar of 200 units.
    """

    measure: str
    figure: Figure
    label: str
    value: str
    exact: str
    url: str
    definition: str
    delta: Delta | None
    strong: str
    text: str
    bar: tuple[Segment, ...]
    alert: bool = False


def figure_url(rollup: CustomerRollup, measure: str) -> str:
    """The documents behind a stored figure of one customer alone, on the day that pages show."""
    return customer_address("figure", rollup.customer_id, measure)


def build_tiles(scope: Scope) -> tuple[Tile, ...]:
    """The six tiles of one customer at the rollup's day, in the reporting currency; without those of hidden figures."""
    return tuple(build(scope) for build in shown(TILES, scope.hidden))


def delta(value: Decimal, before: Decimal, *, better: str = "up") -> Delta | None:
    """The change from `before` to `value` in per cent; None where there is nothing to compare with."""
    if before <= 0:
        return None
    change = (value - before) / before
    if formats.half_up(change * 100, 1) == 0:
        return Delta("", "unchanged", "", "")
    word = "up" if change > 0 else "down"
    return Delta(
        word=word,
        text=formats.percent(abs(change)),
        css="good" if word == better else "bad",
        icon="arrow-up-right" if change > 0 else "arrow-down-right",
    )


@dataclass(frozen=True)
class _Words:
    """What a tile says beside its value."""

    label: str
    text: str
    strong: str = ""
    change: Delta | None = None


@rests_on("revenue_last_year", "revenue_year_before_last")
def _revenue_last_year(scope: Scope) -> Tile:
    rollup = scope.figures
    value, before = rollup.revenue_last_year, rollup.revenue_year_before_last
    this = get_measure("revenue_last_year").period(rollup.as_of)
    other = get_measure("revenue_year_before_last").period(rollup.as_of)
    change = delta(value, before)
    words = _Words(
        label=f"Revenue {this.label}" if this else "Revenue last year",
        change=change,
        text=_against(
            change,
            f"on {other.label}{weeks_words(this, other)}" if this and other else "on the year before",
            "nothing before",
        ),
    )
    return _tile(scope, "revenue_last_year", words, compared_bar(value, before, length=BAR))


@rests_on("revenue_ytd", "revenue_ytd_prior")
def _revenue_this_year(scope: Scope) -> Tile:
    rollup = scope.figures
    value, before = rollup.revenue_ytd, rollup.revenue_ytd_prior
    change = delta(value, before)
    dates = compared_words("revenue_ytd", "revenue_ytd_prior", rollup.as_of)
    text = _against(change, f"on same days: {dates}", f"nothing on the same days last year: {dates}")
    words = _Words("Revenue this year", text, change=change)
    return _tile(scope, "revenue_ytd", words, compared_bar(value, before, length=BAR))


@rests_on("overdue_amount", "overdue_count", "oldest_overdue_days", *AGING_CLASSES)
def _overdue(scope: Scope) -> Tile:
    rollup = scope.figures
    oldest = f", oldest {formats.days(rollup.oldest_overdue_days)}" if rollup.oldest_overdue_days else ""
    parts = [(css, getattr(rollup, name), "") for name, css in AGING_CLASSES.items()]
    count = rollup.overdue_count
    words = (
        _Words("Overdue", f"{oldest}{_beside(overdue_words(scope))}", formats.plural(count, "item"))
        if count
        else _Words("Overdue", "nothing is overdue")
    )
    return _tile(scope, "overdue_amount", words, share_bar(parts, length=BAR), alert=count > 0)


@rests_on("average_deal_size", "average_order_value", "won_count_12m")
def _average_deal(scope: Scope) -> Tile:
    rollup = scope.figures
    average, deals = rollup.average_order_value, rollup.won_count_12m
    beside = "" if average is None else f", orders average {formats.money_compact(average, scope.currency)}"
    words = (
        _Words("Average won deal", f" in 12 months{beside}", formats.plural(deals, "deal"))
        if deals
        else _Words("Average won deal", "no deal won in 12 months")
    )
    bar = compared_bar(rollup.average_deal_size, average, length=BAR)
    return _tile(scope, "average_deal_size", words, bar)


@rests_on("open_orders_amount", "open_orders_count", "late_orders_count")
def _open_orders(scope: Scope) -> Tile:
    rollup = scope.figures
    count, late = rollup.open_orders_count, rollup.late_orders_count
    parts = (("dn", count - late, ""), ("a3", late, ""))
    words = (
        _Words(
            "Open orders",
            f", {late or 'none'} late{_beside(open_orders_words(scope))}",
            formats.plural(count, "order"),
        )
        if count
        else _Words("Open orders", "everything is delivered" if has_ordered(scope) else NEVER_ORDERED)
    )
    return _tile(scope, "open_orders_amount", words, share_bar(parts, length=BAR))


@rests_on("delivered_not_invoiced", "open_orders_amount")
def _not_invoiced(scope: Scope) -> Tile:
    rollup = scope.figures
    value, unrated = rollup.delivered_not_invoiced, not_billed_words(scope)
    text = f"still to be billed{_beside(unrated)}"
    if value <= 0 and not unrated:
        text = "everything delivered is billed" if has_ordered(scope) else NEVER_ORDERED
    words = _Words("Delivered, not invoiced", text)
    bar = part_bar(value, value + rollup.open_orders_amount, length=BAR)
    return _tile(scope, "delivered_not_invoiced", words, bar)


TILES = (_revenue_last_year, _revenue_this_year, _overdue, _average_deal, _open_orders, _not_invoiced)


def has_ordered(scope: Scope) -> bool:
    """Whether the customer has ordered anything yet; taken to have where the reader may not see that."""
    return "order_count" in scope.hidden or bool(scope.figures.order_count)


def _beside(words: str) -> str:
    """What is in no total, behind what a tile says."""
    return f"; {words}" if words else ""


def _against(change: Delta | None, words: str, nothing: str) -> str:
    return f" {words}" if change else nothing


def _tile(scope: Scope, name: str, words: _Words, bar: tuple[Segment, ...], *, alert: bool = False) -> Tile:
    rollup, currency = scope.figures, scope.currency
    measure = get_measure(name)
    value: Decimal | None = getattr(rollup, name)
    period = measure.period(rollup.as_of)
    dates = f" {range_words(period)}." if period else ""
    return Tile(
        measure=name,
        figure=value,
        label=words.label,
        value=formats.money_compact(value, currency),
        exact=formats.money(value, currency),
        url=scope.figure_url(name),
        definition=f"{measure.definition}{dates} As of {formats.day(rollup.as_of)}.",
        delta=words.change,
        strong=words.strong,
        text=words.text,
        bar=bar or NOTHING,
        alert=alert,
    )
