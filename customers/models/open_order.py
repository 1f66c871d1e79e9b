"""Orders with something to deliver, kept by the roll-up of the current day, and what became of their promised dates."""

from decimal import Decimal

from django.db import models

from customers.models.customer import Customer
from integration_hub.models.common import MoneyField


class OpenOrder(models.Model):
    """One order with something to deliver at the current day. `promised_on` is what the ERP promises, `due_on` that day
    or the requested one where nothing is promised; `open_amount` is the undelivered share in the reporting currency,
    as measure open_orders_amount counts it, null where the order has no amount in it. An order that several accounts
    share has a row for each, with its part.
    """

    order = models.ForeignKey(
        "integration_hub.ErpOrder", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="open_orders", db_index=False)
    promised_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    open_amount: "MoneyField[Decimal | None, Decimal | None]" = MoneyField(null=True)

    class Meta:
        db_table = "rollup_open_order"
        indexes = [
            models.Index(fields=["customer", "due_on"], name="open_order_of_customer"),
            models.Index(fields=["due_on"], name="open_order_due"),
        ]
        constraints = [models.UniqueConstraint(fields=["order", "customer"], name="open_order_once")]


class PromiseMove(models.Model):
    """A publish moved the promised date of an open order from `was` to `promised_on`; rows are only ever added.

    Who may see a move follows from its order: read moves through OpenOrder, never by themselves.
    """

    at = models.DateTimeField()
    order = models.ForeignKey(
        "integration_hub.ErpOrder", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    was = models.DateField()
    promised_on = models.DateField()

    class Meta:
        db_table = "promise_move"
        indexes = [
            models.Index(fields=["at"], name="promise_move_at"),
            models.Index(fields=["order", "at"], name="promise_move_of_order"),
        ]
