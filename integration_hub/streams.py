"""What a stream fills: its mirror table, the columns a source may deliver, and who owns them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.apps import apps
from django.db import models

from integration_hub.config import StreamConfig, hub
from integration_hub.models.common import Mirrored

# Columns every mirror table has and the warehouse itself fills.
KEPT_BY_WAREHOUSE = frozenset({"source", "synced_at", "deleted_at", "gone_reason", "run", "fingerprint"})
# Columns the layer above computes at publish: never delivered, never compared, never overwritten.
DERIVED: Mapping[str, frozenset[str]] = {
    "erp_order": frozenset({"reporting_rate", "reporting_amount", "fully_delivered_on", "fully_invoiced_on"}),
    "erp_invoice": frozenset({"revenue_on", "revenue_amount", "reporting_rate", "reporting_amount"}),
    "erp_open_item": frozenset({"settled_on", "reporting_rate"}),
    "erp_payment": frozenset({"settled_on", "reporting_rate"}),
    "sf_opportunity": frozenset({"reporting_rate", "reporting_amount"}),
    "sf_quote": frozenset({"reporting_rate", "reporting_amount"}),
    "sf_order": frozenset({"reporting_rate", "reporting_amount"}),
}
# Where a row's customer comes from when its source does not name one, in this order.
CUSTOMER_FROM: Mapping[str, tuple[str, ...]] = {
    "erp_delivery": ("order",),
    "erp_order_line": ("order",),
    "erp_delivery_line": ("delivery",),
    "erp_invoice_line": ("invoice",),
    "erp_open_item": ("invoice",),
    "erp_allocation": ("invoice", "open_item", "payment"),
}
# The columns whose customer or account must be rolled up again when the row changes.
CUSTOMER_COLUMN: Mapping[str, str] = {"erp_customer": "key"}
ACCOUNT_COLUMN: Mapping[str, str] = {
    "sf_account": "key",
    **dict.fromkeys(("sf_account_team_member", "sf_contact", "sf_opportunity", "sf_quote", "sf_order"), "account_id"),
}
# Tables that grant access: none of their rows is ordinary, and a row too many would show a customer to somebody who may
# not see it. So what a whole read does not have is always removed.
GRANTS_ACCESS = frozenset({"sf_account_team_member"})
GONE = "gone"
MONTH_OF: Mapping[str, str] = {
    "erp_order": "ordered_on",
    "erp_delivery": "shipped_on",
    "erp_invoice": "issued_on",
    "erp_open_item": "due_on",
    "erp_payment": "paid_on",
    "erp_allocation": "allocated_on",
}
"""The date of a mirror table whose month its rows are compared by."""


@dataclass(frozen=True)
class Target:
    """A mirror table as the warehouse sees it; `fields` are the deliverable columns by field name, the key first."""

    model: type[Mirrored]
    table: str
    fields: Mapping[str, "models.Field[object, object]"]

    @property
    def is_salesforce(self) -> bool:
        """Whether keys are Salesforce ids rather than "<source>:<id>"."""
        return self.table.startswith("sf_")

    @property
    def customer_column(self) -> str:
        """Database column with the ERP customer a row belongs to; empty where it belongs to none."""
        own = "customer_id" if "customer" in self.fields else ""
        return CUSTOMER_COLUMN.get(self.table, own)

    @property
    def account_column(self) -> str:
        """Database column with the account a row belongs to; empty where it belongs to none."""
        return ACCOUNT_COLUMN.get(self.table, "")

    def parent_table(self, reference: str) -> str:
        """The table that a reference column points to."""
        related = self.fields[reference].related_model
        if related is None or isinstance(related, str):
            raise TypeError(f"{self.table}.{reference} is no reference")
        return related._meta.db_table


@lru_cache(maxsize=64)
def target(table: str) -> Target:
    """The mirror table of that name; KeyError for any other table."""
    model = mirror_models()[table]
    hidden = KEPT_BY_WAREHOUSE | DERIVED.get(table, frozenset())
    fields = {field.name: field for field in model._meta.concrete_fields if field.name not in hidden}
    return Target(model, table, fields)


@lru_cache(maxsize=1)
def mirror_models() -> Mapping[str, type[Mirrored]]:
    """Every mirror table by name."""
    found = apps.get_app_config("integration_hub").get_models()
    return {model._meta.db_table: model for model in found if issubclass(model, Mirrored)}


def full_name(source: str, stream: StreamConfig) -> str:
    """ "<source>.<stream>", as ledger rows name it."""
    return f"{source}.{stream.name}"


def target_of(stream: str) -> str | None:
    """The mirror table of "<source>.<stream>"; None when the configuration no longer has it."""
    source_name, _, stream_name = stream.partition(".")
    if source_name == "salesforce":
        return SALESFORCE_TABLES.get(stream_name.lower())
    for source in hub().sources:
        if source.name == source_name:
            return next((each.target for each in source.streams if each.name == stream_name), None)
    return None


SALESFORCE_TABLES: Mapping[str, str] = {
    **dict.fromkeys(("userrole", "user_role", "user_roles", "roles", "sf_user_role"), "sf_user_role"),
    **dict.fromkeys(("user", "users", "sf_user"), "sf_user"),
    **dict.fromkeys(("account", "accounts", "sf_account"), "sf_account"),
    **dict.fromkeys(("accountteammember", "account_team", "team", "sf_account_team_member"), "sf_account_team_member"),
    **dict.fromkeys(("contact", "contacts", "sf_contact"), "sf_contact"),
    **dict.fromkeys(("opportunity", "opportunities", "sf_opportunity"), "sf_opportunity"),
    **dict.fromkeys(("quote", "quotes", "sf_quote"), "sf_quote"),
    **dict.fromkeys(("order", "orders", "sf_order"), "sf_order"),
}


def parents_first(streams: Iterable[StreamConfig]) -> list[StreamConfig]:
    """The streams with those that have a parent last, else in their own order."""
    return sorted(streams, key=lambda stream: bool(stream.parent))
