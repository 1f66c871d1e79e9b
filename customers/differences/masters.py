"""The master table: which system is right for each mirrored field, in which direction, and what differs now."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count

from customers.access import hidden_columns
from customers.books import company_date
from customers.differences.fields import FIELDS, ComparedField
from customers.differences.shown import differences_for, erp_contact, in_state
from customers.hidden import hidden_fields
from integration_hub.config import STANDARD, Master, hub
from integration_hub.field_facts import plain_label
from integration_hub.models import ErpCustomer
from integration_hub.salesforce.objects import BY_NAME

MASTERS = {"erp": "ERP", "salesforce": "Salesforce", "none": "None"}
DIRECTIONS = {
    "erp": "ERP → Salesforce",
    "salesforce": "Salesforce → ERP",
    "none": "Not compared",
}
# The mirror's own columns of a customer, which are no field of the ERP's.
KEPT = frozenset(
    {"key", "source", "synced_at", "deleted_at", "gone_reason", "run", "fingerprint", "source_modified_at"}
)


@dataclass(frozen=True)
class MasterRow:
    """One field that both systems keep. `open` counts its open differences that the reader sees."""

    name: str
    label: str
    master: str
    is_compared: bool
    direction: str
    salesforce_field: str
    erp_field: str
    how: str
    open: int


@dataclass(frozen=True)
class PushedRow:
    """A figure that only the product makes and the push writes."""

    label: str
    field: str
    measure: str


@dataclass(frozen=True)
class ReadRow:
    """A field that only one system keeps, and that is only read."""

    label: str
    field: str
    system: str


@dataclass(frozen=True)
class MasterTable:
    """The page. `contact` is who corrects the ERP, `contact_login` what hub.toml says, which may name nobody."""

    rows: tuple[MasterRow, ...]
    pushed: tuple[PushedRow, ...]
    read: tuple[ReadRow, ...]
    contact: str
    contact_login: str
    push_enabled: bool


def build_masters(user: User) -> MasterTable:
    """The table as a user sees it: hidden columns are left out."""
    hidden, configuration = hidden_columns(user), hub()
    found = differences_for(user).filter(in_state("open", company_date())).order_by()
    counts = dict(found.values_list("field").annotate(rows=Count("pk")))
    masters = {name: master for name, master in configuration.masters.by_field.items() if name not in hidden}
    withheld = hidden_fields(hidden)
    return MasterTable(
        rows=tuple(_row(FIELDS[name], master, counts.get(name, 0)) for name, master in masters.items()),
        pushed=tuple(
            PushedRow(rule.label or plain_label(rule.field), rule.field, rule.measure)
            for rule in configuration.push.fields
            if rule.field not in withheld
        ),
        read=(*_only_salesforce(withheld), *_only_erp(hidden)),
        contact=erp_contact(),
        contact_login=configuration.masters.erp_contact,
        push_enabled=configuration.push.enabled,
    )


def _row(field: ComparedField, master: Master, count: int) -> MasterRow:
    return MasterRow(
        name=field.name,
        label=field.label,
        master=MASTERS[master.master],
        is_compared=master.master != "none",
        direction=DIRECTIONS[master.master],
        salesforce_field=master.salesforce_field or STANDARD.get(field.name, ""),
        erp_field=field.erp_column,
        how=field.how if master.master != "none" else "",
        open=count,
    )


def _only_salesforce(withheld: frozenset[str]) -> tuple[ReadRow, ...]:
    salesforce = hub().salesforce
    both = {*STANDARD.values(), *hub().masters.further_fields, *withheld}
    names = dict.fromkeys((*BY_NAME["Account"].fields.values(), *(salesforce.account_fields if salesforce else ())))
    return tuple(ReadRow(plain_label(name), name, "Salesforce") for name in names if name not in both)


def _only_erp(hidden: frozenset[str]) -> tuple[ReadRow, ...]:
    both = {each.erp_column for each in FIELDS.values()} | KEPT | hidden
    columns = [field.name for field in ErpCustomer._meta.concrete_fields if field.name not in both]
    return tuple(ReadRow(name.replace("_", " ").capitalize(), name, "ERP") for name in columns)
