"""Won opportunities against what was ordered, delivered, invoiced and paid to date, and where the amounts leak."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from customers.models import Handover
from reports.columns import CellKind, Column, Row
from reports.handover_rows import (
    CANCELLED,
    CUSTOMER,
    GROUP,
    MATCHED,
    MONTH,
    NAME,
    OWNER,
    RESTS_ON,
    WON_ON,
    amount,
    handover_answer,
    less,
    unknown_note,
    won,
)
from reports.parameters import Parameter, ParameterKind
from reports.rows import ListedRows
from reports.shape import Answer, Chart, Question, Report, Table, label_of

STANDINGS = tuple(
    (each.value, str(each.label))
    for each in (
        Handover.Standing.AGREES,
        Handover.Standing.DIFFERS,
        Handover.Standing.WAITING,
        Handover.Standing.NO_ORDER,
        Handover.Standing.UNKNOWN,
    )
)
STANDING = Parameter(
    name="standing", label="State", kind=ParameterKind.CHOICE, choices=(("", "All states"), *STANDINGS)
)
STEPS = (
    ("won", "Won"),
    ("ordered", "Ordered"),
    ("delivered", "Delivered"),
    ("invoiced", "Invoiced"),
    ("paid", "Paid"),
)
LEAKS = (
    ("not_ordered", "Not ordered", less("won", "ordered")),
    ("not_delivered", "Not delivered", less("ordered", "cancelled", "delivered")),
    ("not_invoiced", "Not invoiced", less("delivered", "invoiced", plus="rate_effect")),
    ("not_paid", "Not paid", less("invoiced", "paid")),
)
DAYS = (
    ("days_to_order", "Won to order"),
    ("days_to_promise", "Order to promised day"),
    ("days_to_first_delivery", "Order to first delivery"),
    ("days_to_last_delivery", "Order to last delivery"),
    ("days_to_invoice", "First delivery to first invoice"),
    ("days_to_payment", "Last invoice to paid"),
)
STATE = Column(
    name="state",
    label="State",
    value=Case(
        *(When(standing=value, then=Value(label)) for value, label in STANDINGS),
        default=Value(""),
        output_field=CharField(),
    ),
)
RATES = amount(
    "rate_effect",
    "Exchange rates",
    "rate_effect",
    definition="Invoiced at the rates of the invoices less invoiced at the order’s: no money is missing.",
)
AMOUNTS, LOST_ON_THE_WAY, LAPS, ALL = "", "leaks", "days", "all"
SHOW = Parameter(
    name="show",
    label="Show",
    kind=ParameterKind.CHOICE,
    choices=(
        (AMOUNTS, "Amounts"),
        (LOST_ON_THE_WAY, "What is missing at each step"),
        (LAPS, "Days of each step"),
        (ALL, "Everything"),
    ),
)
HAPPENED = Parameter(
    name="happened", label="Step that has happened", kind=ParameterKind.CHOICE, choices=(("", "Any"), *DAYS), quiet=True
)
NOTE = (
    "All amounts are net, in the reporting currency: opportunities at the rate of their close date, orders and "
    "invoices at their own. Delivered is the delivered share of each order line at its price, invoiced what invoices "
    "and credit notes bill of the orders, paid the settled share of that. Where several opportunities share an order, "
    "each has its part by its amount."
)
LEAKS_ARE = (
    "Won less not ordered, cancelled, not delivered, not invoiced and not paid, plus what exchange rates make of the "
    "invoices, is what is paid. Not invoiced is measured in the order’s currency, at the order’s rate."
)


def answer(question: Question) -> Answer:
    """One row per won opportunity; above, the steps."""
    rows = won(question)
    if question.values["standing"]:
        rows = rows.filter(standing=question.values["standing"])
    words: tuple[str, ...] = ()
    if happened := question.values["happened"]:
        rows = rows.filter(**{f"{happened}__isnull": False})
        words = (f"Only where this step has happened: {label_of(DAYS, happened)}",)
    overview = _overview(question, rows)
    notes = (NOTE, LEAKS_ARE, MATCHED, *unknown_note(rows, *(name for name, _ in STEPS)))
    if not rows.exists():
        notes = ("No won opportunity is in this selection.", *notes)
    return handover_answer(
        question,
        rows,
        _columns(question.values["show"]),
        overview=overview,
        order=WON_ON,
        charts=(Chart(title="From won to paid", category="step", series=("amount",), table=overview),),
        words=words,
        notes=notes,
    )


def _columns(show: str) -> tuple[Column, ...]:
    """What was asked for, beside whose it is and when it was won: everything at once is wider than a screen."""
    steps = tuple(amount(name, label, name) for name, label in STEPS)
    leaks = tuple(amount(name, label, value) for name, label, value in LEAKS)
    laps = tuple(Column(name=name, label=label, kind=CellKind.DAYS, value=name) for name, label in DAYS)
    if show == LOST_ON_THE_WAY:
        return (NAME, CUSTOMER, steps[0], leaks[0], CANCELLED, *leaks[1:3], RATES, leaks[3], steps[-1])
    if show == LAPS:
        return (NAME, CUSTOMER, WON_ON, *laps)
    if show == ALL:
        return (NAME, CUSTOMER, OWNER, WON_ON, *steps, STATE, leaks[0], CANCELLED, *leaks[1:3], RATES, leaks[3], *laps)
    return (NAME, CUSTOMER, WON_ON, *steps, STATE)


def _overview(question: Question, rows: QuerySet[Handover]) -> Table:
    """The sum of every step with its share of what was won; each opens the list in the order of that step."""
    none = Decimal(0)
    sums: dict[str, Any] = rows.order_by().aggregate(**{name: Coalesce(Sum(name), none) for name, _ in STEPS})
    whole = sums["won"]
    listed = [
        Row(
            (label, sums[name], round(sums[name] / whole * 100, 1) if whole else None),
            {"step": name},
        )
        for name, label in STEPS
    ]

    def opened(keys: Mapping[str, Any]) -> str:
        # Where the columns are of days, or of what is missing, the amount itself is not in the list.
        show = ALL if question.values["show"] == ALL else AMOUNTS
        return f"?{REPORT.query(question, sort=keys['step'], show=show)}"

    columns = (
        Column(name="step", label="Step"),
        Column(
            name="amount",
            label="Amount",
            kind=CellKind.MONEY,
            url=lambda row: opened(row.keys),
        ),
        Column(name="share", label="Of what was won", kind=CellKind.PERCENT),
    )
    return Table(
        columns=columns,
        rows=ListedRows(tuple(listed), columns),
        title="To date",
        row_url=opened,
        noun="step",
    )


REPORT = Report(
    name="won-to-cash",
    title="Won to cash",
    description="Won opportunities against what was ordered, delivered, invoiced and paid to date.",
    group=GROUP,
    answer=answer,
    parameters=(MONTH, STANDING, SHOW, HAPPENED),
    sort="closed_on",
    rests_on=RESTS_ON,
    picture="bars",
    position=70,
    pages=(("Overview", "customers:handover"),),
)
