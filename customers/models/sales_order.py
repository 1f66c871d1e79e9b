"""Which ERP orders a Salesforce order became, and how the two stand."""

from decimal import Decimal
from typing import Any

from django.db import models

from customers.models.customer import Customer
from integration_hub.models.common import MoneyField

SALES_ORDER, ORDER = "integration_hub.SfOrder", "integration_hub.ErpOrder"
Money = MoneyField[Decimal | None, Decimal | None]


def _mirrored(to: str, related_name: str, **options: Any) -> Any:
    kind = models.OneToOneField if options.get("primary_key") else models.ForeignKey
    return kind(to, on_delete=models.DO_NOTHING, db_constraint=False, related_name=related_name, **options)


class SalesOrderPair(models.Model):
    """An ERP order of the Salesforce order's customer that is, or may be, what it became; kept by each publish.

    `state`: stated by a number or by the one opportunity of both, confirmed by somebody, proposed because nothing fits
    better, one of several possible ones, or in conflict, because numbers name different orders or several Salesforce
    orders name this one. Possible ones and those in conflict count nowhere. `ordered` is the ERP order's net amount in
    the reporting currency, `cancelled` the part of it that does not come; null where it counts nowhere, or is unknown.
    `days_apart` (order day less start date) and `difference` (ordered less the Salesforce order) tell how well it fits.
    """

    class State(models.TextChoices):
        STATED = "stated", "Stated"
        CONFIRMED = "confirmed", "Confirmed"
        PROPOSED = "proposed", "Proposed"
        POSSIBLE = "possible", "Several possible"
        CONFLICT = "conflict", "Numbers disagree"

    class Basis(models.TextChoices):
        DECISION = "decision", "Decided by somebody"
        ORDER_NUMBER = "order_number", "the ERP’s order number in Salesforce"
        PO_NUMBER = "po_number", "the customer’s order number"
        QUOTE_NUMBER = "quote_number", "the number of its quote"
        SF_NUMBER = "sf_number", "its own number, which the ERP order refers to"
        OPPORTUNITY = "opportunity", "the only order of its opportunity"
        FIT = "fit", "amount and date"

    sales_order = _mirrored(SALES_ORDER, "handed_over")
    order = _mirrored(ORDER, "sales_orders")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    basis = models.CharField(max_length=12, choices=Basis.choices)
    days_apart = models.IntegerField(null=True)
    difference: Money = MoneyField(null=True)
    ordered: Money = MoneyField(null=True)
    cancelled: Money = MoneyField(null=True)

    class Meta:
        db_table = "sales_order_pair"
        constraints = [models.UniqueConstraint(fields=["sales_order", "order"], name="sales_order_pair_once")]

    @property
    def counts(self) -> bool:
        """Whether the ERP order adds to what was ordered."""
        open_question = self.state in {self.State.POSSIBLE, self.State.CONFLICT}
        return not open_question and self.order.status not in {"quote", "cancelled"}


class SalesOrderStanding(models.Model):
    """A Salesforce order against its ERP orders at the current day. `amount` is its own net amount less what reduction
    orders take back, `ordered` and `cancelled` are the sums of its pairs that count, all in the reporting currency
    (null = unknown). `since` is the day of its activation, or its start date.
    """

    class Standing(models.TextChoices):
        DRAFT = "draft", "Draft"
        WAITING = "waiting", "Activated, order not due yet"
        NO_ORDER = "no_order", "Activated, no ERP order"
        CONFLICT = "conflict", "Numbers disagree"
        CANCELLED = "cancelled", "ERP order cancelled"
        DRAFT_ORDERED = "draft_ordered", "Draft, but ordered"
        DIFFERS = "differs", "Amount differs"
        AGREES = "agrees", "Agrees"
        UNKNOWN = "unknown", "Amount unknown"

    sales_order = _mirrored(SALES_ORDER, "standing", primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    standing = models.CharField(max_length=14, choices=Standing.choices)
    since = models.DateField()
    amount: Money = MoneyField(null=True)
    orders = models.IntegerField()
    proposed = models.IntegerField()
    possible = models.IntegerField()
    ordered: Money = MoneyField(null=True)
    cancelled: Money = MoneyField(null=True)
    ordered_on = models.DateField(null=True)
    days_to_order = models.IntegerField(null=True)

    class Meta:
        db_table = "sales_order_standing"
        indexes = [models.Index(fields=["standing", "customer"], name="sales_order_standing_list")]
