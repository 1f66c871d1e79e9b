"""Fields that ERP and Salesforce hold differently: the rows of the inbox, to sort and to take away as a file."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf, Trim, TruncDate
from django.urls import reverse

from customers.books import company_date
from customers.differences.acting import colleagues
from customers.differences.fields import FIELDS
from customers.differences.inbox import ANYBODY, BY_DEFAULT, DIRECTIONS
from customers.differences.rows import SYSTEMS
from customers.differences.shown import STATES, erp_contact, falling_to, in_state, name_of, without_hidden
from customers.models import Customer, Difference
from integration_hub.config import hub
from integration_hub.models import ErpCustomer, SfUser
from reports.columns import CellKind, Column, without
from reports.parameters import Parameter, ParameterKind
from reports.rows import QueryRows
from reports.shape import Answer, Question, Report, label_of


def _people() -> Sequence[tuple[str, str]]:
    """Logins, and the owners to whom differences fall by default, as the inbox offers them."""
    owners = SfUser.objects.filter(key__in=Difference.objects.order_by().values("falls_to")).order_by("name", "key")
    by_default = ((f"{BY_DEFAULT}{key}", f"{name}, by default") for key, name in owners.values_list("key", "name"))
    return (*ANYBODY, *((one.get_username(), name_of(one)) for one in colleagues()), *by_default)


def _offered_fields() -> Sequence[tuple[str, str]]:
    """A field that some role does not see is offered to none."""
    return tuple((each.name, each.label) for each in FIELDS.values() if each.name not in hub().access.hidden)


STATE = Parameter(name="state", label="State", kind=ParameterKind.CHOICE, default="open", choices=tuple(STATES.items()))
FIELD = Parameter(
    name="what", label="Field", kind=ParameterKind.CHOICE, choices=lambda: (("", "All fields"), *_offered_fields())
)
DIRECTION = Parameter(
    name="direction",
    label="Direction",
    kind=ParameterKind.CHOICE,
    choices=(("", "Either direction"), *DIRECTIONS),
)
WHO = Parameter(
    name="who", label="Who corrects it", kind=ParameterKind.CHOICE, choices=lambda: (("", "Anybody's"), *_people())
)


def answer(question: Question) -> Answer:
    """One row per difference that the filters leave."""
    found = _asked(question)
    shown = without(_columns(), question.hidden)
    by = next((column for column in shown if column.name == question.sort), None)
    rows = QueryRows(
        found, shown, keys={"difference": "pk"}, by=by or shown[0], descending=question.descending, ties=("pk",)
    )
    return Answer(
        columns=shown,
        rows=rows,
        row_url=_page,
        noun="difference",
        words=_words(question),
        notes=() if found.exists() else ("Nothing that differs has these filters.",),
        customers=lambda: Customer.objects.filter(pk__in=found.order_by().values("customer_id")),
    )


def _asked(question: Question) -> QuerySet[Difference]:
    values, today = question.values, company_date()
    found = without_hidden(question.seen(Difference.objects.all()), question.hidden)
    found = found.filter(in_state(values["state"], today))
    if values.get("what"):
        found = found.filter(field=values["what"])
    if values.get("direction"):
        found = found.filter(master="erp" if values["direction"] == "salesforce" else "salesforce")
    who = values.get("who", "")
    if who == "me":
        return found.filter(falling_to(question.user)) if question.user is not None else found.none()
    if who == "nobody":
        return found.filter(assignee=None)
    if who.startswith(BY_DEFAULT):
        return found.filter(assignee=None, falls_to=who.removeprefix(BY_DEFAULT))
    return found.filter(assignee__username=who) if who else found


def _columns() -> tuple[Column, ...]:
    today, zone = company_date(), ZoneInfo(hub().company.time_zone)
    erp_number = ErpCustomer.objects.filter(key=OuterRef("erp_customer")).values("number")[:1]
    owner = SfUser.objects.filter(key=OuterRef("falls_to")).values("name")[:1]
    person = Trim(Concat("assignee__first_name", Value(" "), "assignee__last_name"))
    login = F("assignee__username")
    by_default = Case(
        When(master="salesforce", then=Value(erp_contact())),
        default=Coalesce(Subquery(owner), Value(""), output_field=CharField()),
        output_field=CharField(),
    )
    who = Case(
        When(assignee__isnull=False, then=Coalesce(NullIf(person, Value("")), login, output_field=CharField())),
        default=by_default,
        output_field=CharField(),
    )
    return (
        Column(name="customer", label="Customer", value="customer__name"),
        Column(name="what", label="Field", value=_labels("field", {each.name: each.label for each in FIELDS.values()})),
        Column(name="erp_value", label="In the ERP", value="erp_value", long=True),
        Column(name="salesforce_value", label="In Salesforce", value="salesforce_value", long=True),
        Column(name="master", label="Master", value=_labels("master", SYSTEMS), wide=True),
        Column(name="corrects", label="Who corrects it", value=who, wide=True),
        Column(name="condition", label="State", value=_state(today), wide=True),
        Column(name="since", label="Since", kind=CellKind.DATE, value=TruncDate("opened_at", tzinfo=zone), wide=True),
        Column(
            name="first",
            label="First seen",
            kind=CellKind.DATE,
            value=TruncDate("first_seen_at", tzinfo=zone),
            wide=True,
        ),
        Column(name="until", label="Snoozed until", kind=CellKind.DATE, value="snoozed_until", wide=True),
        Column(name="why", label="Reason", value="snooze_reason", wide=True, long=True),
        Column(
            name="erp_number",
            label="ERP number",
            value=Coalesce(Subquery(erp_number), "erp_customer", output_field=CharField()),
            wide=True,
        ),
        Column(name="account", label="Salesforce account", value="account", wide=True),
    )


def _labels(field: str, labels: Mapping[str, str]) -> Case:
    whens = [When(**{field: name}, then=Value(label)) for name, label in labels.items()]
    return Case(*whens, default=F(field), output_field=CharField())


def _state(today: date) -> Case:
    names = ("closed", "snoozed")
    whens = [When(in_state(name, today), then=Value(STATES[name])) for name in names]
    return Case(*whens, default=Value(STATES["open"]), output_field=CharField())


def _words(question: Question) -> tuple[str, ...]:
    values = question.values
    chosen = ((FIELD, values.get("what")), (DIRECTION, values.get("direction")), (WHO, values.get("who")))
    return (STATES[values["state"]], *(label_of(each.options(), value) for each, value in chosen if value))


def _page(keys: Mapping[str, Any]) -> str:
    return reverse("customers:difference", args=[keys["difference"]])


REPORT = Report(
    name="differences",
    title="Differences between ERP and Salesforce",
    description="Name, address, VAT number, terms, credit limit and owner where the two systems do not agree.",
    group="Data quality",
    answer=answer,
    parameters=(STATE, FIELD, DIRECTION, WHO),
    sort="since",
    position=90,
)
