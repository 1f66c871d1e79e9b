"""The columns that the customer list can show: what identifies a customer, and every stored measure. Declared once;
sort, filters by amount, saved choices and totals all look here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.contrib.auth.models import User as AuthUser

from customers import access
from customers.access import User
from customers.keyset import Order, Value, finite
from customers.measures import MEASURES, Measure, Unit
from customers.measures_paying import PAYING
from customers.measures_receivables import AGING, OPEN, PARTS
from customers.measures_sales import DEALS, DELIVERIES, ORDERS, REVENUE
from customers.measures_text import STAGE
from customers.models import CustomerRollup, ListColumns


@dataclass(frozen=True)
class Column:
    """One column: `path` leads from a rollup to its value, `kind` is text, money, count, days or date. `descending` is
    its natural direction; `sortable` columns have one.
    """

    name: str
    label: str
    kind: str
    path: str
    descending: bool = False
    nullable: bool = False
    sortable: bool = True
    definition: str = ""
    summed: bool = False

    @property
    def numeric(self) -> bool:
        """Whether it stands at the right, under a right-aligned head."""
        return self.kind in {"money", "count", "days"}

    @property
    def is_measure(self) -> bool:
        """Whether each value is a figure that opens its documents."""
        return self.kind != "text"

    def read(self, text: str) -> Value:
        """A value from a URL; ValueError where it is none of this column."""
        return _READERS[self.kind](text)

    def order(self, *, turned: bool) -> Order:
        """Sorted by this column, in its natural direction or the other."""
        return Order(self.path, "customer_id", self.descending != turned, self.nullable, self.read)


def _whole(text: str) -> Value:
    number = int(text)
    if abs(number) >= 2**31:
        raise ValueError(text)
    return number


def _text(text: str) -> Value:
    return text


_READERS: Mapping[str, Callable[[str], Value]] = {
    "text": _text,
    "money": finite,
    "count": _whole,
    "days": finite,
    "date": date.fromisoformat,
}
_KINDS = {Unit.MONEY: "money", Unit.COUNT: "count", Unit.DAYS: "days", Unit.DATE: "date"}
NAME = Column("name", "Customer", "text", "customer__name")
ATTRIBUTES = (
    NAME,
    Column("owner", "Owner", "text", "", sortable=False),
    Column("city", "City", "text", "customer__city"),
    Column("country", "Country", "text", "customer__country"),
    Column("industry", "Industry", "text", "customer__industry"),
    Column("currency", "Currency", "text", "customer__currency"),
    Column("segment", "Segment", "text", "", sortable=False),
    Column(STAGE.name, STAGE.label, "text", "", sortable=False, definition=STAGE.definition),
)
DEFAULT = ("owner", "revenue_last_year", "revenue_ytd", "overdue_amount", "open_orders_amount", "last_order_on")
DEFAULT_SORT = "revenue_ytd"
# How links of earlier versions name the columns they sort by.
FORMER = {
    "last-year": "revenue_last_year",
    "this-year": "revenue_ytd",
    "overdue": "overdue_amount",
    "open-orders": "open_orders_amount",
    "last-order": "last_order_on",
}
MOST = 16
GROUPS = (
    ("Customer", [column.name for column in ATTRIBUTES]),
    *(
        (label, [measure.name for measure in measures])
        for label, measures in (
            ("Revenue", REVENUE),
            ("Orders", ORDERS),
            ("Deliveries", DELIVERIES),
            ("Receivables", (*OPEN, *AGING, *PARTS)),
            ("Payments", PAYING),
            ("Opportunities", DEALS),
        )
    ),
)


@cache
def all_columns() -> Mapping[str, Column]:
    """Every column by name. A parts-of-a-ratio measure in money times days says nothing in a list and is left out."""
    measures = [_of(measure) for measure in MEASURES.values() if measure.unit in _KINDS]
    return {column.name: column for column in (*ATTRIBUTES, *measures)}


def _of(measure: Measure) -> Column:
    field = CustomerRollup._meta.get_field(measure.column)
    return Column(
        name=measure.name,
        label=measure.label,
        kind=_KINDS[measure.unit],
        path=measure.column,
        descending=True,
        nullable=bool(field.null),
        definition=measure.definition,
        summed=measure.kind in {"sum", "count"},
    )


def grouped(columns: Iterable[Column]) -> tuple[tuple[str, tuple[Column, ...]], ...]:
    """The columns by what they tell of, in the order of GROUPS."""
    known = {column.name: column for column in columns if column != NAME}
    groups = ((label, tuple(known[name] for name in names if name in known)) for label, names in GROUPS)
    return tuple((label, found) for label, found in groups if found)


def columns_for(user: User) -> Mapping[str, Column]:
    """The columns that the user may see at all."""
    left_out = access.hidden_columns(user)
    return {name: column for name, column in all_columns().items() if name not in left_out}


def chosen_columns(user: User, text: str) -> tuple[Column, ...]:
    """The columns that a URL names, else those the user keeps, else the usual ones; the name always stands first."""
    known = columns_for(user)
    names = read_names(text, known) or read_names(_kept(user), known) or [name for name in DEFAULT if name in known]
    return (NAME, *(known[name] for name in names))


def read_names(text: str, known: Mapping[str, Column]) -> list[str]:
    """The known names of a list with commas, each once, at most sixteen."""
    names = [name for name in dict.fromkeys(text.split(",")) if name in known and name != NAME.name]
    return names[:MOST]


def keep_columns(user: AuthUser, names: Sequence[str]) -> None:
    """Remember the user's choice; an empty one brings the usual columns back."""
    if names:
        ListColumns.objects.update_or_create(user=user, defaults={"names": ",".join(names)})
    else:
        ListColumns.objects.filter(user=user).delete()


def _kept(user: User) -> str:
    return ListColumns.objects.filter(user=user.pk).values_list("names", flat=True).first() or ""
