"""The customer list: filter, sort and page over the current rollups, all of it in the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from customers import formats
from customers.access import User, hidden_columns, visible
from customers.account_fields import FieldChoices, field_choices
from customers.keyset import Slice, page_of
from customers.measures import Figure, get_measure
from customers.measures_text import STAGE
from customers.models import Customer, CustomerRollup
from customers.pages.list_choices import Choices, build_choices, owner_names
from customers.pages.list_columns import DEFAULT_SORT, FORMER, NAME, Column, chosen_columns, columns_for
from customers.pages.list_counts import count_list
from customers.pages.list_filters import Filters, canonical, read_filters
from customers.segments import USUAL, segment_expression
from customers.several_accounts import several_of, several_words, shared_among
from customers.stages import PROSPECT, STAGES, SUSPECT, stage_of
from customers.standard_views import STANDARD_VIEWS, View
from customers.totals import DIVIDED_LINKS, visible_counts

ROWS = 50
# Stages that stand beside a name; that a customer lapsed is told by its last order, which may be hidden.
NAMED = (SUSPECT, PROSPECT)


@dataclass(frozen=True)
class Heading:
    """A column head: its link sorts by it, or turns the direction; `order` is the value of aria-sort. `query` is empty
    for a column that nothing sorts by.
    """

    column: Column
    query: str
    order: str
    wide: bool


@dataclass(frozen=True)
class Chip:
    """A standard view with the number of customers that it holds of those the other filters leave: what it opens."""

    view: View
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True)
class Cell:
    """One value as people write it; `measure` is that of the documents behind it, `value` the stored figure."""

    text: str
    measure: str = ""
    value: Figure = None
    numeric: bool = False
    bad: bool = False
    note: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Row:
    """One customer of the list."""

    pk: int
    name: str
    note: str
    status: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class CustomerList:
    """Everything the list page shows. `count` and `totals` are over all customers found, not only this page's."""

    rows: tuple[Row, ...]
    count: int
    totals: tuple[Cell, ...]
    headings: tuple[Heading, ...]
    chips: tuple[Chip, ...]
    choices: Choices
    fields: tuple[FieldChoices, ...]
    filters: Filters
    sort: str
    columns: str
    query: str
    before: str
    after: str
    as_of: date


def build_customer_list(user: User, as_of: date, query: QueryDict) -> CustomerList:
    """The list for one user and one query string; unknown values fall away."""
    known = columns_for(user)
    filters, columns = read_filters(query, known), chosen_columns(user, query.get("columns", ""))
    sort, turned = _sort(query.get("sort", ""), known)
    found = visible(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None), user)
    found = found.filter(filters.condition(as_of))
    marks = {name: query.get(name, "") for name in ("after", "before")}
    page = page_of(_with_segment(found.select_related("customer"), columns), sort.order(turned=turned), ROWS, **marks)
    counts = visible_counts(user, as_of)
    kept = QueryDict(canonical(query, known), mutable=True)
    summed = [column for column in columns if column.summed]
    numbers = count_list(user, as_of, filters, kept, summed, counts)
    shared = _shared_words(found, summed, as_of) if counts.get(DIVIDED_LINKS, 0) > 1 else {}
    return CustomerList(
        rows=_rows(page, columns, as_of, lateness="oldest_overdue_days" in known),
        count=numbers.customers,
        totals=tuple(
            _total(column, numbers.sums, shared.get(column.name, ""), wide=_wide(index))
            for index, column in enumerate(columns[1:])
        ),
        headings=tuple(
            _heading(column, sort, kept, turned=turned, wide=_wide(index - 1)) for index, column in enumerate(columns)
        ),
        chips=_chips(kept, filters.view, numbers.views, hidden_columns(user)),
        choices=build_choices(user, as_of, filters, columns, counts),
        fields=field_choices(user, filters.field),
        filters=filters,
        sort=query.get("sort", ""),
        columns=kept.get("columns", ""),
        query=kept.urlencode(),
        before=page.before,
        after=page.after,
        as_of=as_of,
    )


def _sort(text: str, known: Mapping[str, Column]) -> tuple[Column, bool]:
    """The column to sort by, and whether against its natural direction."""
    name = text.removeprefix("-")
    column = known.get(FORMER.get(name, name))
    if column is None or not column.sortable:
        return known.get(DEFAULT_SORT, NAME), False
    return column, text.startswith("-")


def _wide(index: int) -> bool:
    """On a phone two columns stay beside the name: this year and overdue, as long as none is chosen."""
    return index not in {-1, 2, 3}


def _heading(column: Column, current: Column, query: QueryDict, *, turned: bool, wide: bool) -> Heading:
    if not column.sortable:
        return Heading(column, "", "", wide)
    if column != current:
        return Heading(column, _with(query, sort=column.name), "", wide)
    order = "descending" if column.descending != turned else "ascending"
    return Heading(column, _with(query, sort=column.name if turned else f"-{column.name}"), order, wide)


def _chips(
    query: QueryDict, chosen: View | None, counts: Mapping[str, int], hidden: frozenset[str]
) -> tuple[Chip, ...]:
    return tuple(
        Chip(view, counts.get(view.name, 0), _with(query, view="" if view is chosen else view.name), view is chosen)
        for view in STANDARD_VIEWS
        if view.may_show(hidden) and (counts.get(view.name) or view is chosen)
    )


def _with_segment(found: QuerySet[CustomerRollup], columns: tuple[Column, ...]) -> QuerySet[Any]:
    wanted = any(column.name == "segment" for column in columns)
    return found.annotate(segment=segment_expression(USUAL)) if wanted else found


def _rows(page: Slice[Any], columns: tuple[Column, ...], as_of: date, *, lateness: bool) -> tuple[Row, ...]:
    owners = owner_names({rollup.customer.owner for rollup in page.rows})
    return tuple(
        Row(
            pk=rollup.customer_id,
            name=rollup.customer.name or "Without a name",
            note=" · ".join(filter(None, (rollup.customer.erp_numbers, _place(rollup.customer)))),
            status=_status(rollup, columns),
            cells=tuple(
                _cell(column, rollup, owners, as_of, wide=_wide(index), lateness=lateness)
                for index, column in enumerate(columns[1:])
            ),
        )
        for rollup in page.rows
    )


def _place(customer: Customer) -> str:
    return ", ".join(filter(None, (customer.city, customer.country)))


def _status(rollup: Any, columns: tuple[Column, ...]) -> str:
    """What the name needs beside it: nothing for a customer, or where the stage has a column of its own."""
    if any(column.name == STAGE.name for column in columns):
        return ""
    if rollup.customer.account is None:
        return "Not linked"
    stage = stage_of(rollup)
    return STAGES[stage] if stage in NAMED else ""


def _cell(column: Column, rollup: Any, owners: Mapping[str, str], as_of: date, *, wide: bool, lateness: bool) -> Cell:
    if column.name == "owner":
        return Cell(owners.get(rollup.customer.owner, "") or formats.UNKNOWN, wide=wide)
    if column.name == "segment":
        return Cell(rollup.segment, wide=wide)
    if column.name == STAGE.name:
        return Cell(STAGES[stage_of(rollup)], wide=wide)
    if not column.is_measure:
        return Cell(getattr(rollup.customer, column.name) or formats.UNKNOWN, wide=wide)
    value = getattr(rollup, column.path)
    # What is overdue without a rate is in no amount, and late all the same.
    late = rollup.oldest_overdue_days if lateness and column.name == "overdue_amount" else None
    overdue = column.name == "overdue_amount" and bool(value or late)
    return Cell(
        text=_written(column, value, as_of),
        measure=column.name if value or late else "",
        value=value,
        numeric=column.numeric,
        bad=overdue,
        note=f"{formats.days(late)} late" if late else "",
        wide=wide,
    )


def _written(column: Column, value: Any, as_of: date) -> str:
    if column.kind == "money":
        return formats.money(value, places=0)
    if column.kind == "date":
        return formats.day_short(value, as_of)
    return formats.quantity(Decimal(value)) if value is not None else formats.UNKNOWN


def _shared_words(found: QuerySet[CustomerRollup], summed: Sequence[Column], as_of: date) -> dict[str, str]:
    """By count: which of its documents count for several customers of the list."""
    shared = shared_among(Customer.objects.filter(pk__in=found.order_by().values("customer_id")), as_of)
    words = {column.name: several_words(several_of(get_measure(column.name), shared, as_of)) for column in summed}
    return {name: f"of them {text}" for name, text in words.items() if text}


def _total(column: Column, sums: Mapping[str, Decimal], shared: str, *, wide: bool) -> Cell:
    if not column.summed:
        return Cell("", numeric=column.numeric, wide=wide)
    total = sums[column.name]
    text = formats.money(total, places=0) if column.kind == "money" else formats.quantity(total)
    return Cell(text, numeric=True, note=shared, wide=wide)


def _with(query: QueryDict, **changes: str) -> str:
    """The query string with some parameters set, or removed where empty; always on the first page."""
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return changed.urlencode()
