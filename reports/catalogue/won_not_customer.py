"""Accounts that won a deal some time ago and still are no customer in the ERP, with what opening one there lacks."""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    Func,
    IntegerField,
    Min,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields import DateField
from django.db.models.functions import Cast, Coalesce, NullIf
from django.urls import reverse

from customers import formats
from customers.access import sees_all
from customers.conflicts import Conflict, conflicts_of
from customers.models import CustomerRollup
from integration_hub.config import hub
from integration_hub.models import SfOpportunity
from integration_hub.models.common import MoneyField
from reports.columns import CellKind, Column, Row, days_since, summed
from reports.customer_rows import CUSTOMER, OWNER, asked_of, customer_answer, field_words
from reports.opening import ACCOUNT, EMPTY, LABELS, Datum, opening_data
from reports.parameters import ACCOUNT_FIELD, Parameter, ParameterKind
from reports.rows import ListedRows
from reports.shape import Answer, Chart, Question, Report, Table

COMPLETE = "complete"
IN_CONFLICT = ("conflict", "In conflict")


def _choices() -> tuple[tuple[str, str], ...]:
    return (
        ("", "Anything"),
        *((each.name, LABELS[each.name]) for each in opening_data()),
        (COMPLETE, "Nothing"),
        IN_CONFLICT,
    )


AFTER = Parameter(
    name="after",
    label="Won more days ago than",
    kind=ParameterKind.WHOLE,
    default=lambda: hub().stages.won_after_days,
    most=Decimal(3650),
    group="Limits",
)
MISSING = Parameter(name="missing", label="Missing", kind=ParameterKind.CHOICE, choices=_choices)
DESCRIPTION = "Won deals of accounts without a customer in the ERP, and what is missing to open one."


def answer(question: Question) -> Answer:
    """The accounts by the amount they won; above, what they lack."""
    days = question.values["after"]
    data = opening_data()
    waiting = _waiting(asked_of(question), question, days)
    torn = _torn(waiting)
    marked = waiting.annotate(
        **{f"has_{each.name}": each.there for each in data},
        is_torn=Case(When(customer__in=list(torn), then=Value(True)), default=Value(False)),
    )
    rows = _lacking(marked, question.values["missing"], data)
    columns = (
        CUSTOMER,
        OWNER,
        summed("won", "Won", CellKind.MONEY, "won_amount", url=_deals),
        summed("deals", "Deals", CellKind.COUNT, "won_deals", url=_deals),
        Column(name="since", label="First won", kind=CellKind.DATE, value="won_since"),
        Column(name="days", label="Days since", kind=CellKind.DAYS, value=days_since("won_since", question.as_of)),
        _missing(question, torn, data),
    )
    return customer_answer(
        question,
        rows,
        columns,
        overview=_overview(question, marked, data),
        charts=(Chart(title="Won amount by what is missing", category="missing", series=("won",)),),
        words=(f"Won more than {formats.plural(days, 'day')} ago", *field_words(question)),
        notes=_notes(marked, data),
    )


def _torn(waiting: QuerySet[Any]) -> Mapping[int, Conflict]:
    """Those whose ERP customer is there but in conflict, by customer, each with the first of these."""
    accounts = dict(waiting.order_by().values_list("customer__account", "customer"))
    found: dict[int, Conflict] = {}
    for one in conflicts_of(tuple(accounts)):
        found.setdefault(accounts[one.account], one)
    return found


def _missing(question: Question, torn: Mapping[int, Conflict], data: tuple[Datum, ...]) -> Column:
    """What each lacks, or that it is in conflict; whoever sees all reads which accounts, and finds the way to
    decide.
    """
    may_decide = question.user is None or sees_all(question.user)
    words = {
        str(pk): f"{IN_CONFLICT[1]}: {one.detail if may_decide else f'ERP customer {one.label}. An analyst decides.'}"
        for pk, one in torn.items()
    }
    of_customer = Func(
        Value(json.dumps(words)),
        Cast("customer_id", CharField()),
        template="((%(expressions)s))",
        arg_joiner="::jsonb ->> ",
        output_field=CharField(),
    )

    def case(row: Row) -> str:
        one = torn.get(row.keys["customer"])
        return reverse("customers:link_case", args=[one.erp_customer]) if one and may_decide else ""

    told = Coalesce(of_customer, _missing_words(data), output_field=CharField())
    return Column(name="missing", label="Missing", value=told, url=case, long=True)


def _waiting(rollups: QuerySet[CustomerRollup], question: Question, days: int) -> QuerySet[Any]:
    """Accounts without ERP customer that won something so long ago: won_amount in the reporting currency, won_deals,
    won_since, and unconverted deals, whose amount is unknown.
    """
    limit = question.as_of - timedelta(days=days)
    deals = SfOpportunity.objects.live().filter(account=ACCOUNT, is_won=True, close_on__lt=limit)
    grouped = deals.order_by().values("account")

    def of(figure: Any, field: Any) -> Any:
        return Subquery(grouped.annotate(figure=figure).values("figure"), output_field=field)

    return rollups.filter(Exists(deals), customer__is_prospect=True).annotate(
        won_amount=of(Sum("reporting_amount"), MoneyField()),
        won_deals=of(Count("pk"), IntegerField()),
        won_since=of(Min("close_on"), DateField()),
        unconverted=of(Count("pk", filter=Q(reporting_amount=None)), IntegerField()),
    )


def _missing_words(data: tuple[Datum, ...]) -> Combinable:
    parts = (
        Case(When(**{f"has_{each.name}": False}, then=Value(each.label)), output_field=CharField()) for each in data
    )
    joined = Func(Value(", "), *parts, function="concat_ws", output_field=CharField())
    return Coalesce(NullIf(joined, EMPTY), Value("Nothing"), output_field=CharField())


def _lacking(marked: QuerySet[Any], name: str, data: tuple[Datum, ...]) -> QuerySet[Any]:
    if name == IN_CONFLICT[0]:
        return marked.filter(is_torn=True)
    if name:
        marked = marked.filter(is_torn=False)
    if name == COMPLETE:
        return marked.filter(**{f"has_{each.name}": True for each in data})
    return marked.filter(**{f"has_{name}": False}) if name else marked


def _overview(question: Question, marked: QuerySet[Any], data: tuple[Datum, ...]) -> Table:
    """One row per datum that may be missing; an account that lacks two stands in both. One in conflict needs none: its
    ERP customer is there.
    """
    rows = []
    for name, label in (*((each.name, each.label) for each in data), (COMPLETE, "Nothing"), IN_CONFLICT):
        of = _lacking(marked, name, data).order_by().aggregate(accounts=Count("pk"), won=Sum("won_amount"))
        if (name, label) == IN_CONFLICT and not of["accounts"]:
            continue
        rows.append(Row((label, of["accounts"], of["won"] or Decimal(0)), {"missing": name}))

    def accounts(keys: Mapping[str, Any]) -> str:
        return f"?{REPORT.query(question, missing=keys['missing'])}"

    columns = (
        Column(name="missing", label="Missing"),
        Column(name="accounts", label="Accounts", kind=CellKind.COUNT, url=lambda row: accounts(row.keys)),
        Column(name="won", label="Won", kind=CellKind.MONEY, url=lambda row: accounts(row.keys)),
    )
    return Table(
        title="What is missing",
        columns=columns,
        rows=ListedRows(tuple(rows), columns),
        row_url=accounts,
        noun="gap,gaps",
    )


def _deals(row: Row) -> str:
    return reverse("customers:opportunities", args=[row.keys["customer"]])


def _notes(marked: QuerySet[Any], data: tuple[Datum, ...]) -> tuple[str, ...]:
    names = {each.name for each in data}
    notes = [] if marked.exists() else ["Every account with a deal won so long ago is a customer in the ERP."]
    if unknown := marked.order_by().aggregate(deals=Sum("unconverted"))["deals"]:
        notes.append(f"{formats.plural(unknown, 'deal')} without an amount or an exchange rate: listed, not added.")
    left_out = [LABELS[name].lower().replace("vat", "VAT") for name in ("vat", "terms") if name not in names]
    if left_out:
        notes.append(
            f"Not looked for: {' and '.join(left_out)}. hub.toml names no account field that would hold "
            f"{'it' if len(left_out) == 1 else 'them'}."
        )
    if marked.filter(is_torn=True).exists():
        notes.append(
            "In conflict: the ERP customer is there, but what is stored about it names more than one account or was "
            "decided otherwise, so it is linked to none. Nothing has to be opened in the ERP; the conflict has to be "
            "settled."
        )
    notes.append("An account that lacks several things stands in each row above, so these do not add up.")
    return tuple(notes)


REPORT = Report(
    name="won-not-customer",
    title="Won, not yet a customer",
    description=DESCRIPTION,
    group="From prospect to customer",
    answer=answer,
    parameters=(MISSING, AFTER, ACCOUNT_FIELD),
    sort="won",
    rests_on=frozenset({"won_amount_12m"}),
    picture="bars",
    position=41,
)
