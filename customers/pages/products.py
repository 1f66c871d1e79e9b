"""Revenue by product category: 12 months against the 12 before, who stopped buying what, and the lines behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min, QuerySet, Sum

from customers import formats
from customers.calendar import Period
from customers.categories import NOT_BY_LINE, CategoryFigures, CategoryLines, category_lines, figures_of_documents
from customers.charts import Segment, compared_bar, share_bar
from customers.hidden import rests_on
from customers.measures import get_measure
from customers.models import CustomerCategory
from customers.pages.key_figures import Delta, delta
from customers.pages.scope import Scope
from integration_hub.prepared import prepared

SHOWN, STOPPED_SHOWN, IN_BAR = 7, 3, 5
BAR = 1000
LINES = 100
ZERO = Decimal(0)
PERIODS = {"": "revenue_12m", "before": "revenue_prior_12m"}


@dataclass(frozen=True)
class CategoryRow:
    """One category; `note` says in words that somebody stopped, began or paused; `stopped` colours it."""

    category: str
    css: str
    revenue_12m: Decimal
    revenue_prior_12m: Decimal
    url: str
    prior_url: str
    change: Delta | None
    share: Decimal | None
    bar: tuple[Segment, ...]
    last_on: date | None
    note: str
    stopped: bool


@dataclass(frozen=True)
class ProductMix:
    """Every category by revenue, the first `shown` of them for the card. Sums equal the two stored revenues;
    `difference` is not zero where invoices of a past day changed since it was stored.
    """

    rows: tuple[CategoryRow, ...]
    shown: tuple[CategoryRow, ...]
    hidden: int
    hidden_12m: Decimal
    hidden_prior_12m: Decimal
    bar: tuple[Segment, ...]
    bar_text: str
    revenue_12m: Decimal
    revenue_prior_12m: Decimal
    difference: Decimal
    stopped: int

    @property
    def stopped_rows(self) -> tuple[CategoryRow, ...]:
        """What the customer stopped buying, the largest first."""
        return tuple(row for row in self.rows if row.stopped)


@dataclass(frozen=True)
class CategoryPage:
    """The lines of one category in one period beside what is shown for it elsewhere."""

    category: str
    is_rest: bool
    period: Period
    before: bool
    found: CategoryLines
    stored: Decimal
    difference: Decimal
    page: int
    pages: int
    first: int


@rests_on("revenue_12m", "revenue_prior_12m")
def build_products(scope: Scope) -> ProductMix:
    """The mix of a scope: today from the stored categories, of a past day from its invoices."""
    rollup = scope.figures
    figures = sorted(category_figures(scope), key=_weight)
    highest = max((max(one.revenue_12m, one.revenue_prior_12m) for one in figures), default=ZERO)
    rows = tuple(_row(scope, one, place, highest) for place, one in enumerate(figures))
    shown = _shown(rows)
    hidden = tuple(row for row in rows if row not in shown)
    parts = [(row.css, row.revenue_12m, f"{row.category} {formats.money(row.revenue_12m)}") for row in rows[:IN_BAR]]
    others = sum((row.revenue_12m for row in rows[IN_BAR:] if row.revenue_12m > 0), ZERO)
    parts.append((f"m{IN_BAR}", others, f"Others {formats.money(others)}"))
    return ProductMix(
        rows=rows,
        shown=shown,
        hidden=len(hidden),
        hidden_12m=sum((row.revenue_12m for row in hidden), ZERO),
        hidden_prior_12m=sum((row.revenue_prior_12m for row in hidden), ZERO),
        bar=share_bar(parts, length=BAR),
        bar_text=", ".join(f"{title} {scope.currency}" for _, amount, title in parts if amount > 0),
        revenue_12m=rollup.revenue_12m,
        revenue_prior_12m=rollup.revenue_prior_12m,
        difference=rollup.revenue_12m - sum((row.revenue_12m for row in rows), ZERO),
        stopped=sum(1 for row in rows if row.stopped),
    )


def category_figures(scope: Scope) -> tuple[CategoryFigures, ...]:
    """The categories of a scope with the rest that is not by line; of a group, a category's slowest usual gap holds."""
    if scope.past:
        found = figures_of_documents(scope.keys, _period(scope, "revenue_12m"), _period(scope, "revenue_prior_12m"))
        return _with_rest(scope, found)
    return tuple(CategoryFigures(*row) for row in _stored(scope.members))


@prepared
def _stored(members: tuple[int, ...]) -> "QuerySet[Any, Any]":
    stored = CustomerCategory.objects.filter(customer__in=members).values("category").order_by("category")
    sums = stored.annotate(
        this=Sum("revenue_12m"),
        before=Sum("revenue_prior_12m"),
        first=Min("first_on"),
        last=Max("last_on"),
        gap=Max("usual_gap"),
    )
    return sums.values_list("category", "this", "before", "first", "last", "gap")


def build_category(scope: Scope, category: str, *, before: bool, page: int) -> CategoryPage:
    """One page of the lines of a category; a page that does not exist shows the first one."""
    measure = PERIODS["before" if before else ""]
    period = _period(scope, measure)
    found = category_lines(scope.keys, period, category, most=LINES, skipped=(page - 1) * LINES)
    if not found.lines and page > 1:
        return build_category(scope, category, before=before, page=1)
    stored = sum((getattr(one, measure) for one in category_figures(scope) if one.category == category), ZERO)
    return CategoryPage(
        category=category,
        is_rest=category == NOT_BY_LINE,
        period=period,
        before=before,
        found=found,
        stored=stored,
        difference=stored - found.total,
        page=page,
        pages=-(-found.count // LINES),
        first=(page - 1) * LINES + 1,
    )


def _period(scope: Scope, measure: str) -> Period:
    period = get_measure(measure).period(scope.figures.as_of)
    if period is None:
        raise ValueError(f"{measure} is a sum over a period, so it has one at every day")
    return period


def _with_rest(scope: Scope, found: Iterable[CategoryFigures]) -> tuple[CategoryFigures, ...]:
    categories = {one.category: one for one in found}
    this = _billed(scope, "revenue_12m") - sum((one.revenue_12m for one in categories.values()), ZERO)
    before = _billed(scope, "revenue_prior_12m") - sum((one.revenue_prior_12m for one in categories.values()), ZERO)
    if this or before:
        same = categories.get(NOT_BY_LINE, CategoryFigures(NOT_BY_LINE, ZERO, ZERO, None, None, None))
        categories[NOT_BY_LINE] = CategoryFigures(
            NOT_BY_LINE,
            same.revenue_12m + this,
            same.revenue_prior_12m + before,
            same.first_on,
            same.last_on,
            same.usual_gap,
        )
    return tuple(categories.values())


def _shown(rows: tuple[CategoryRow, ...]) -> tuple[CategoryRow, ...]:
    """The largest, and a few further ones that were stopped: that is what the card is read for."""
    if len(rows) <= SHOWN + 1:
        return rows
    return rows[:SHOWN] + tuple(row for row in rows[SHOWN:] if row.stopped)[:STOPPED_SHOWN]


def _billed(scope: Scope, measure: str) -> Decimal:
    """The revenue of a past day as today's invoices make it: one that changed since must not look like a category."""
    documents = get_measure(measure).documents(scope.customers, scope.figures.as_of)
    total: Decimal = documents.aggregate(total=Sum("counted", default=ZERO))["total"]
    return total


def _weight(one: CategoryFigures) -> tuple[bool, Decimal, Decimal, str]:
    """Largest first; what is not by line comes last."""
    return one.category == NOT_BY_LINE, -one.revenue_12m, -one.revenue_prior_12m, one.category


def _row(scope: Scope, one: CategoryFigures, place: int, highest: Decimal) -> CategoryRow:
    rollup = scope.figures
    whole, as_of = rollup.revenue_12m, rollup.as_of
    stopped = one.stopped(as_of)
    longest = compared_bar(one.revenue_12m, one.revenue_prior_12m, length=_length(one, highest))
    return CategoryRow(
        category=one.category,
        css=f"m{min(place, IN_BAR)}",
        revenue_12m=one.revenue_12m,
        revenue_prior_12m=one.revenue_prior_12m,
        url=scope.url("product", one.category),
        prior_url=scope.url("product", one.category, period="before"),
        change=delta(one.revenue_12m, one.revenue_prior_12m),
        share=one.revenue_12m / whole if whole > 0 and one.revenue_12m > 0 else None,
        bar=longest[1:],
        last_on=one.last_on,
        note=_note(one, as_of, stopped=stopped),
        stopped=stopped,
    )


def _length(one: CategoryFigures, highest: Decimal) -> int:
    """The longer of a row's two bars, in proportion to the longest of all rows."""
    larger = max(one.revenue_12m, one.revenue_prior_12m)
    return int(larger / highest * 100) if highest > 0 and larger > 0 else 0


def _note(one: CategoryFigures, as_of: date, *, stopped: bool) -> str:
    if stopped and one.last_on and one.usual_gap is not None:
        silent = formats.days((as_of - one.last_on).days)
        return f"Stopped: bought every {formats.days(one.usual_gap)}, nothing for {silent}"
    if one.revenue_12m > 0 and not one.revenue_prior_12m:
        return "New: not bought in the 12 months before"
    if one.revenue_prior_12m > 0 and not one.revenue_12m:
        return "Not bought in 12 months"
    return ""
