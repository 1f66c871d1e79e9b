"""What a customer is, as fields of rules: name, place, owner, standing, the account fields that hub.toml mirrors."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, DateTimeField, DecimalField, Func, Q, TextField, Value, When
from django.db.models import DateField as DateColumn
from django.db.models.expressions import ExpressionWrapper
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.db.models.lookups import Exact, Regex

from customers.field_values import NUMBERS, configured_fields
from customers.measures_text import ORDERING_STATUS, PAYING_HABIT, RFM_SEGMENT, SEGMENT, STAGE, STATUS, TextMeasure
from customers.rules.fields import RuleField, register
from customers.rules.operators import FieldKind
from customers.rules.sources import Column, Computed, OfAccount
from integration_hub.config import hub
from integration_hub.field_facts import FieldFact

ACCOUNT = "account."
PLACES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "name": ("Name", "customer__name"),
        "erp_numbers": ("ERP number", "customer__erp_numbers"),
        "city": ("City", "customer__city"),
        "country": ("Country", "customer__country"),
        "industry": ("Industry", "customer__industry"),
        "currency": ("Currency", "customer__currency"),
    }
)


@register
def attribute_fields() -> Iterable[RuleField]:
    """The fields of the customer itself."""
    yield RuleField(
        name="owner",
        label="Owner",
        kind=FieldKind.TEXT,
        source=Column("customer__owner"),
        exact=True,
        definition="The Salesforce user who owns the account; empty for a customer without one.",
    )
    for name, (label, path) in PLACES.items():
        yield RuleField(name=name, label=label, kind=FieldKind.TEXT, source=Column(path))
    for text in (SEGMENT, STAGE, RFM_SEGMENT, ORDERING_STATUS, PAYING_HABIT):
        yield _words(text, frozenset({text.name}))
    yield _words(STATUS, frozenset())
    yield RuleField(
        name="is_prospect",
        label="Not yet a customer",
        kind=FieldKind.YES_NO,
        source=Column("customer__is_prospect"),
        definition="A Salesforce account without a customer in the ERP: a suspect or a prospect.",
    )
    yield RuleField(
        name="has_account",
        label="Has a Salesforce account",
        kind=FieldKind.YES_NO,
        source=Computed("has_account", _has_account),
        definition="Customers of the ERP that no account names have none.",
    )


def _has_account() -> Any:
    return ExpressionWrapper(Q(customer__account__isnull=False), output_field=BooleanField())


def _words(measure: TextMeasure, rests_on: frozenset[str]) -> RuleField:
    return RuleField(
        name=measure.name,
        label=measure.label,
        kind=FieldKind.TEXT,
        source=Computed(measure.name, lambda: Coalesce(measure.expression(), Value(""), output_field=TextField())),
        definition=measure.definition,
        exact=True,
        choices={value: value for value in measure.values},
        rests_on=rests_on,
    )


@register
def account_fields() -> Iterable[RuleField]:
    """The further account fields of hub.toml, each of the kind that Salesforce gave it."""
    return (_account_field(fact) for fact in configured_fields("Account"))


def _account_field(fact: FieldFact) -> RuleField:
    kind = _kind(fact.type)
    return RuleField(
        name=f"{ACCOUNT}{fact.name}",
        label=fact.label,
        kind=kind,
        source=OfAccount(lambda: _typed(fact, kind), "" if kind is FieldKind.TEXT else None),
        heading="Account fields",
        definition="Field of the Salesforce account, as it was read last; empty for a customer without one.",
        # Where the push fills it with a figure, that figure is what it shows.
        rests_on=frozenset(each.measure for each in hub().push.fields if each.field == fact.name),
    )


def _kind(type_: str) -> FieldKind:
    if type_ in NUMBERS:
        return FieldKind.NUMBER
    if type_ in {"date", "datetime"}:
        return FieldKind.DATE
    return FieldKind.YES_NO if type_ == "boolean" else FieldKind.TEXT


def _typed(fact: FieldFact, kind: FieldKind) -> Any:
    """The field's exact text as a value of its kind; a text that is none is unknown, and never an error."""
    text = KeyTextTransform(fact.name, "custom_fields")
    if kind is FieldKind.TEXT:
        return Coalesce(text, Value(""), output_field=TextField())
    if kind is FieldKind.NUMBER:
        return _where_valid(text, "numeric(40,10)", DecimalField(max_digits=40, decimal_places=10))
    if kind is FieldKind.YES_NO:
        yes: Any = Exact(text, Value("true"))
        no: Any = Exact(text, Value("false"))
        return Case(
            When(Q(yes), then=Value(True)),
            When(Q(no), then=Value(False)),
            output_field=BooleanField(null=True),
        )
    if fact.type == "date":
        return _where_valid(text, "date", DateColumn())
    moment = _where_valid(text, "timestamptz", DateTimeField())
    return TruncDate(moment, tzinfo=ZoneInfo(hub().company.time_zone))


def _where_valid(text: Any, type_name: str, output: Any) -> Any:
    valid = Func(text, Value(type_name), function="pg_input_is_valid", output_field=BooleanField())
    # NaN and infinity are valid numbers to the database, and no figures.
    finite: Any = Regex(text, Value("[0-9]"))
    return Case(When(Q(valid) & Q(finite), then=Cast(text, output)), default=None, output_field=output)
