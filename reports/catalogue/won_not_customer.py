"""Accounts that won a deal some time ago and still are no customer in the ERP, with what opening one there lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields import DateField, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, NullIf, Upper
from django.db.models.lookups import Regex
from django.urls import reverse

from customers import formats
from customers.matching.tax_ids import LOOKS_LIKE_ONE
from customers.models import CustomerRollup
from integration_hub.config import hub
from integration_hub.models import SfAccount, SfContact, SfOpportunity
from integration_hub.models.common import MoneyField
from reports.columns import CellKind, Column, Row, days_since, summed
from reports.customer_rows import CUSTOMER, OWNER, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD, Parameter, ParameterKind
from reports.rows import ListedRows
from reports.shape import Answer, Chart, Question, Report, Table

ACCOUNT = OuterRef("customer__account")
COMPLETE = "complete"
LABELS = {"vat": "VAT number", "address": "Address", "terms": "Payment terms", "contact": "Contact"}
EMPTY = Value("")


@dataclass(frozen=True)
class Datum:
    """Something an ERP customer is opened with: `there` is an expression over a rollup, whether the account has it."""

    name: str
    there: Any

    @property
    def label(self) -> str:
        """As people call it."""
        return LABELS[self.name]


def _choices() -> tuple[tuple[str, str], ...]:
    return (("", "Anything"), *((each.name, LABELS[each.name]) for each in _data()), (COMPLETE, "Nothing"))


AFTER = Parameter(
    name="after",
    label="Won more days ago than",
    kind=ParameterKind.WHOLE,
    default=None,
    most=Decimal(3650),
    group="Limits",
)
MISSING = Parameter(name="missing", label="Missing", kind=ParameterKind.CHOICE, choices=_choices)
DESCRIPTION = "Won deals of accounts without a customer in the ERP, and what is missing to open one."


def answer(question: Question) -> Answer:
    """The accounts by the amount they won; above, what they lack."""
    days = hub().stages.won_after_days if question.values["after"] is None else question.values["after"]
    data = _data()
    waiting = _waiting(asked_of(question), question, days)
    marked = waiting.annotate(**{f"has_{each.name}": each.there for each in data})
    rows = _lacking(marked, question.values["missing"], data)
    columns = (
        CUSTOMER,
        OWNER,
        summed("won", "Won", CellKind.MONEY, "won_amount", url=_deals),
        summed("deals", "Deals", CellKind.COUNT, "won_deals", url=_deals),
        Column(name="since", label="First won", kind=CellKind.DATE, value="won_since"),
        Column(name="days", label="Days since", kind=CellKind.DAYS, value=days_since("won_since", question.as_of)),
        Column(name="missing", label="Missing", value=_missing_words(data), long=True),
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


def _data() -> tuple[Datum, ...]:
    """What can be looked for: VAT number and payment terms only where hub.toml mirrors fields that may hold them."""
    salesforce = hub().salesforce
    accounts = SfAccount.objects.live().filter(key=ACCOUNT)
    complete = ~Q(billing_street="") & ~Q(billing_city="") & ~Q(billing_country="")
    found = [Datum("address", Exists(accounts.filter(complete)))]
    # The field that is named for it, else whatever looks like a VAT number, as where candidates are sought.
    named = salesforce.vat_field if salesforce else ""
    fields = (named,) if named else salesforce.account_fields if salesforce else ()
    if fields:
        found.insert(0, Datum("vat", Exists(accounts.filter(_any_vat_number(fields, strict=not named)))))
    if terms := hub().stages.payment_terms_field:
        filled = accounts.annotate(terms=Coalesce(_text(terms), EMPTY, output_field=TextField())).exclude(terms="")
        found.append(Datum("terms", Exists(filled)))
    found.append(Datum("contact", Exists(SfContact.objects.live().filter(account=ACCOUNT))))
    return tuple(found)


def _text(field: str) -> Any:
    return KeyTextTransform(field, "custom_fields")


def _any_vat_number(fields: tuple[str, ...], *, strict: bool) -> Q:
    """A field that is named for VAT numbers may hold any; another one something with the shape of one, digits in it."""
    shape = f"^(?=.*[0-9]){LOOKS_LIKE_ONE.pattern}$" if strict else "."
    condition = Q()
    for field in fields:
        plain = Func(
            Upper(_text(field)),
            Value("[^A-Z0-9]"),
            EMPTY,
            Value("g"),
            function="regexp_replace",
            output_field=CharField(),
        )
        has: Any = Regex(plain, Value(shape))
        condition |= Q(has)
    return condition


def _missing_words(data: tuple[Datum, ...]) -> Combinable:
    parts = (
        Case(When(**{f"has_{each.name}": False}, then=Value(each.label)), output_field=CharField()) for each in data
    )
    joined = Func(Value(", "), *parts, function="concat_ws", output_field=CharField())
    return Coalesce(NullIf(joined, EMPTY), Value("Nothing"), output_field=CharField())


def _lacking(marked: QuerySet[Any], name: str, data: tuple[Datum, ...]) -> QuerySet[Any]:
    if name == COMPLETE:
        return marked.filter(**{f"has_{each.name}": True for each in data})
    return marked.filter(**{f"has_{name}": False}) if name else marked


def _overview(question: Question, marked: QuerySet[Any], data: tuple[Datum, ...]) -> Table:
    """One row per datum that may be missing; an account that lacks two stands in both."""
    rows = []
    for name, label in (*((each.name, each.label) for each in data), (COMPLETE, "Nothing")):
        of = _lacking(marked, name, data).order_by().aggregate(accounts=Count("pk"), won=Sum("won_amount"))
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
