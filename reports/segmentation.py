"""Segments customers by revenue last year, overdue amount and average deal size, with thresholds that the reader
chooses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.db.models import Count, F, QuerySet, Sum

from customers.account_fields import FieldFilter, UnknownField, narrowed, read_filter
from customers.measures import MEASURES
from customers.models import CustomerRollup
from customers.segments import DEAL_CLASSES, REVENUE_CLASSES, STANDINGS, USUAL, Thresholds, classify

SHORT_SORTS = {
    "revenue": "revenue_last_year",
    "overdue": "overdue_amount",
    "deal": "average_deal_size",
    "name": "customer__name",
}
SORTS = {name: name for name in MEASURES} | SHORT_SORTS
LIMIT = Decimal("999999999999.99")


class BadThreshold(ValueError):
    """A threshold in the URL is not an amount, or a field not mirrored; the message says which and what to enter."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What the page shows: thresholds, one class of each kind or all ("" ), the order and a text filter. Lives in the
    URL.
    """

    thresholds: Thresholds = USUAL
    revenue: str = ""
    standing: str = ""
    deals: str = ""
    field: FieldFilter | None = None
    sort: str = "revenue"
    descending: bool = True

    def query(self, **changes: str) -> str:
        """The URL query of this selection with some parameters replaced; defaults are left out."""
        values = {name: str(getattr(self.thresholds, name)) for name in _threshold_names()} | {
            "revenue": self.revenue,
            "standing": self.standing,
            "deals": self.deals,
            "field": str(self.field or ""),
            "sort": self.sort,
            "order": "desc" if self.descending else "asc",
        }
        defaults = Selection()
        plain = {name: str(getattr(defaults.thresholds, name)) for name in _threshold_names()} | {
            "sort": "revenue",
            "order": "desc",
        }
        values |= changes
        return urlencode({name: value for name, value in values.items() if value and value != plain.get(name)})


@dataclass(frozen=True)
class Segment:
    """One cell of the segmentation: amounts are sums over its customers in the reporting currency."""

    revenue: str
    standing: str
    customers: int
    revenue_last_year: Decimal
    overdue_amount: Decimal
    won_amount: Decimal
    won_count: int

    @property
    def label(self) -> str:
        """ "Large, overdue"."""
        return f"{REVENUE_CLASSES[self.revenue]}, {STANDINGS[self.standing].lower()}"

    @property
    def average_deal_size(self) -> Decimal | None:
        """Won amount by number of won deals; none where nothing was won."""
        return self.won_amount / self.won_count if self.won_count else None


def _threshold_names() -> list[str]:
    return [field.name for field in fields(Thresholds)]


# What a URL (or --filter) may say.
PARAMETERS = (*_threshold_names(), "revenue", "standing", "deals", "field", "sort", "order")


def read_selection(parameters: Mapping[str, str]) -> Selection:
    """The selection that a URL (or --filter K=V) asks for. Raises BadThreshold for an amount that is none; unknown
    classes select all.
    """
    thresholds = {name: _amount(name, parameters[name]) for name in _threshold_names() if parameters.get(name)}
    chosen = Thresholds(**thresholds)
    if chosen.medium > chosen.large:
        raise BadThreshold("Medium must begin below large: lower the medium threshold, or raise the large one.")
    return Selection(
        thresholds=chosen,
        revenue=_one_of(parameters.get("revenue", ""), REVENUE_CLASSES),
        standing=_one_of(parameters.get("standing", ""), STANDINGS),
        deals=_one_of(parameters.get("deals", ""), DEAL_CLASSES),
        field=_field(parameters.get("field", "")),
        sort=_one_of(parameters.get("sort", ""), SORTS) or "revenue",
        descending=parameters.get("order", "desc") != "asc",
    )


def _one_of(value: str, known: Mapping[str, str]) -> str:
    return value if value in known else ""


def _field(text: str) -> FieldFilter | None:
    try:
        return read_filter(text)
    except UnknownField as error:
        raise BadThreshold(str(error)) from error


def _amount(name: str, text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(" ", "").replace(",", ""))
    except InvalidOperation as error:
        raise BadThreshold(
            f'The {name} threshold "{text[:40]}" is not an amount. Enter a number such as 25000.'
        ) from error
    if not amount.is_finite() or not 0 <= amount <= LIMIT:
        raise BadThreshold(f"The {name} threshold must be between 0 and {LIMIT:,.0f}.")
    return amount.quantize(Decimal("0.01")) if amount != amount.to_integral_value() else Decimal(int(amount))


def select(rollups: QuerySet[CustomerRollup], selection: Selection) -> QuerySet[CustomerRollup]:
    """The selected customers' rollups, classified and in the chosen order; ties by name, then id, so the order is
    total.
    """
    chosen = classify(narrowed(rollups, selection.field), selection.thresholds)
    for name, value in (
        ("revenue_class", selection.revenue),
        ("standing", selection.standing),
        ("deal_class", selection.deals),
    ):
        if value:
            chosen = chosen.filter(**{name: value})
    key = F(SORTS[selection.sort])
    first = key.desc(nulls_last=True) if selection.descending else key.asc(nulls_last=True)
    return chosen.select_related("customer").order_by(first, "customer__name", "customer_id")


def segments(rollups: QuerySet[CustomerRollup], selection: Selection) -> list[Segment]:
    """All segments that have customers of the chosen account field, largest revenue class first, overdue before good
    standing; the chosen classes do not matter.
    """
    rows = (
        classify(narrowed(rollups, selection.field), selection.thresholds)
        .order_by()
        .values("revenue_class", "standing")
        .annotate(
            customers=Count("id"),
            revenue=Sum("revenue_last_year"),
            overdue=Sum("overdue_amount"),
            won=Sum("won_amount_12m"),
            deals=Sum("won_count_12m"),
        )
    )
    cells = [
        Segment(
            row["revenue_class"],
            row["standing"],
            row["customers"],
            row["revenue"],
            row["overdue"],
            row["won"],
            row["deals"],
        )
        for row in rows
    ]
    order = {name: position for position, name in enumerate([*REVENUE_CLASSES, *STANDINGS])}
    return sorted(cells, key=lambda cell: (list(REVENUE_CLASSES).index(cell.revenue), order[cell.standing]))
