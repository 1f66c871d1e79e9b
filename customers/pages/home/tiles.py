"""The book at a glance: six figures over all its customers, each a link to the customers that add up to it."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.urls import reverse

from customers import formats
from customers.charts import Segment, compared_bar, part_bar, share_bar
from customers.hidden import rests_on, shown
from customers.measures import get_measure
from customers.models import AccountLink
from customers.pages.home.book import Book
from customers.pages.key_figures import BAR, NOTHING, Tile, delta
from customers.several_accounts import counted_again, several_of, shared_among
from customers.standard_views import LATE, OVERDUE
from customers.totals import DIVIDED_LINKS

SUMMED = (
    "revenue_ytd",
    "revenue_ytd_prior",
    "open_orders_amount",
    "open_orders_count",
    "late_orders_amount",
    "late_orders_count",
    "overdue_amount",
    "overdue_count",
    "open_amount",
    "delivered_not_invoiced",
)
# Customers with a link of a part of an ERP customer's amounts.
DIVIDED = AccountLink.objects.filter(part_to__isnull=False).values("customer")


@dataclass(frozen=True)
class Sums:
    """The figures of all customers of a book together, reporting currency; `customers` is their number. A document that
    counts for several of them is one.
    """

    customers: int
    late_customers: int
    overdue_customers: int
    figures: dict[str, Decimal | int]

    def money(self, name: str) -> Decimal:
        """One of the amounts."""
        return Decimal(self.figures[name])


def sum_book(book: Book) -> Sums:
    """Everything that the tiles show: from what is stored for each owner, else added in one query."""
    if book.totals is not None:
        counts, sums = book.totals
        return Sums(
            customers=counts.get("", 0),
            late_customers=counts.get(LATE.name, 0),
            overdue_customers=counts.get(OVERDUE.name, 0),
            figures=_each_once(book, {name: sums[name] for name in SUMMED}, divided=counts.get(DIVIDED_LINKS, 0)),
        )
    found = book.rollups().aggregate(
        customers=Count("pk"),
        late_customers=Count("pk", filter=LATE.condition(book.as_of)),
        overdue_customers=Count("pk", filter=OVERDUE.condition(book.as_of)),
        divided=Count("pk", filter=Q(customer__in=DIVIDED)),
        **{name: Sum(name, default=0) for name in SUMMED},
    )
    return Sums(
        customers=found.pop("customers"),
        late_customers=found.pop("late_customers"),
        overdue_customers=found.pop("overdue_customers"),
        figures=_each_once(book, found, divided=found.pop("divided")),
    )


def _each_once(book: Book, figures: dict[str, Decimal | int], *, divided: int) -> dict[str, Decimal | int]:
    """The same figures with counts of documents, each one however many of the book's customers share it."""
    shared = shared_among(book.customers(), book.as_of) if divided > 1 else ()
    if not shared:
        return figures
    return {
        name: value - counted_again(several_of(get_measure(name), shared, book.as_of))
        for name, value in figures.items()
    }


def figure_url(book: Book, measure: str) -> str:
    """The page with the customers whose figures add up to the book's."""
    return reverse("customers:book_figure", args=(measure,)) + book.query()


def build_tiles(book: Book, sums: Sums, currency: str) -> tuple[Tile, ...]:
    """Revenue, open orders, late deliveries, overdue, delivered but not invoiced; without hidden figures."""
    return tuple(build(book, sums, currency) for build in shown(TILES, book.hidden))


@rests_on("revenue_ytd", "revenue_ytd_prior")
def _revenue(book: Book, sums: Sums, currency: str) -> Tile:
    value, before = sums.money("revenue_ytd"), sums.money("revenue_ytd_prior")
    change = delta(value, before)
    beside = f", {formats.money_compact(before, currency)} then" if change else ""
    text = f" on same days last year{beside}" if change else "nothing on the same days last year"
    tile = _tile(book, sums, "revenue_ytd", currency, text=text, bar=compared_bar(value, before, length=BAR))
    return Tile(**{**tile.__dict__, "delta": change})


@rests_on("open_orders_amount", "open_orders_count", "late_orders_count")
def _open_orders(book: Book, sums: Sums, currency: str) -> Tile:
    count, late = int(sums.figures["open_orders_count"]), int(sums.figures["late_orders_count"])
    bar = share_bar((("dn", count - late, ""), ("a3", late, "")), length=BAR)
    strong = formats.plural(count, "order") if count else ""
    return _tile(
        book,
        sums,
        "open_orders_amount",
        currency,
        strong=strong,
        text=" to deliver" if count else "everything is delivered",
        bar=bar,
    )


@rests_on("late_orders_amount", "late_orders_count", "open_orders_amount")
def _late(book: Book, sums: Sums, currency: str) -> Tile:
    count = int(sums.figures["late_orders_count"])
    bar = part_bar(sums.money("late_orders_amount"), sums.money("open_orders_amount"), length=BAR)
    text = f" of {formats.plural(sums.late_customers, 'customer')}" if count else "no open order is late"
    strong = formats.plural(count, "order") if count else ""
    return _tile(book, sums, "late_orders_amount", currency, strong=strong, text=text, bar=bar)


@rests_on("overdue_amount", "overdue_count", "open_amount")
def _overdue(book: Book, sums: Sums, currency: str) -> Tile:
    count = int(sums.figures["overdue_count"])
    bar = part_bar(sums.money("overdue_amount"), sums.money("open_amount"), length=BAR)
    text = f" of {formats.plural(sums.overdue_customers, 'customer')}" if count else "nothing is overdue"
    strong = formats.plural(count, "item") if count else ""
    return _tile(book, sums, "overdue_amount", currency, strong=strong, text=text, bar=bar, alert=count > 0)


@rests_on("delivered_not_invoiced", "open_orders_amount")
def _not_invoiced(book: Book, sums: Sums, currency: str) -> Tile:
    value = sums.money("delivered_not_invoiced")
    bar = part_bar(value, value + sums.money("open_orders_amount"), length=BAR)
    text = "still to be billed" if value > 0 else "everything delivered is billed"
    return _tile(book, sums, "delivered_not_invoiced", currency, text=text, bar=bar)


TILES = (_revenue, _open_orders, _late, _overdue, _not_invoiced)


def _tile(
    book: Book,
    sums: Sums,
    name: str,
    currency: str,
    *,
    text: str,
    bar: tuple[Segment, ...],
    strong: str = "",
    alert: bool = False,
) -> Tile:
    measure, value = get_measure(name), sums.money(name)
    period = measure.period(book.as_of)
    dates = f" {formats.day(period.start)} to {formats.day(period.end)}." if period else ""
    return Tile(
        measure=name,
        figure=value,
        label=measure.label,
        value=formats.money_compact(value, currency),
        exact=formats.money(value, currency),
        url=figure_url(book, name),
        definition=f"{measure.definition}{dates} As of {formats.day(book.as_of)}.",
        delta=None,
        strong=strong,
        text=text,
        bar=bar or NOTHING,
        alert=alert,
    )
