"""Which orders an opportunity became, how far they came, and what people said about it."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models

from customers.models.customer import Customer
from integration_hub.models.common import KeyField, MoneyField

OPPORTUNITY, ORDER = "integration_hub.SfOpportunity", "integration_hub.ErpOrder"
Money = MoneyField[Decimal | None, Decimal | None]


def _mirrored(to: str, related_name: str) -> Any:
    return models.ForeignKey(to, on_delete=models.DO_NOTHING, db_constraint=False, related_name=related_name)


def _mirrored_once(to: str, related_name: str) -> Any:
    return models.OneToOneField(
        to, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name=related_name
    )


class OpportunityOrder(models.Model):
    """An order of the opportunity's customer that is, or may be, what the opportunity became; kept by each publish.

    `state`: stated by a number in the opportunity, its quotes or Salesforce orders, confirmed by somebody, proposed
    because nothing fits better, or one of several possible ones, which counts nowhere. `share_from` to `share_to` (0 to
    1) is this opportunity's part of the order where several share it, by their amounts. The amounts are that part in
    the reporting currency, net, as the order's page has them; null where unknown. Of `ordered` the part `cancelled`
    does not come: cancelled, or left over of a closed order. `rate_effect` is invoiced at the rates of the invoices
    less invoiced at the order's.
    `days_apart` (order day less close date) and `difference` (ordered less won) tell how well a proposed one fits.
    """

    class State(models.TextChoices):
        STATED = "stated", "Stated"
        CONFIRMED = "confirmed", "Confirmed"
        PROPOSED = "proposed", "Proposed"
        POSSIBLE = "possible", "Several possible"

    class Basis(models.TextChoices):
        ORDER_NUMBER = "order_number", "ERP order number"
        PO_NUMBER = "po_number", "Customer's order number"
        QUOTE_NUMBER = "quote_number", "ERP quote number"
        SALESFORCE_ORDER = "sf_order", "Salesforce order"
        SALESFORCE_QUOTE = "sf_quote", "Number of a Salesforce quote"
        DECISION = "decision", "Decided by somebody"
        FIT = "fit", "Amount and date"

    opportunity = _mirrored(OPPORTUNITY, "handed_over")
    order = _mirrored(ORDER, "handed_over")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    basis = models.CharField(max_length=12, choices=Basis.choices)
    share_from = models.DecimalField(max_digits=11, decimal_places=10, default=Decimal(0))
    share_to = models.DecimalField(max_digits=11, decimal_places=10, default=Decimal(0))
    days_apart = models.IntegerField(null=True)
    difference: Money = MoneyField(null=True)
    ordered: Money = MoneyField(null=True)
    cancelled: Money = MoneyField(null=True)
    delivered: Money = MoneyField(null=True)
    invoiced: Money = MoneyField(null=True)
    rate_effect: Money = MoneyField(null=True)
    paid: Money = MoneyField(null=True)

    class Meta:
        db_table = "opportunity_order"
        constraints = [models.UniqueConstraint(fields=["opportunity", "order"], name="opportunity_order_once")]


class Handover(models.Model):
    """A closed opportunity against its orders at the current day: amounts in the reporting currency (null = unknown),
    days of its steps, and how it stands. Amounts are sums of its OpportunityOrder rows that count.

    Won less not ordered, cancelled, not delivered (ordered - cancelled - delivered), not invoiced (delivered - invoiced
    + rate_effect) and not paid (invoiced - paid), plus rate_effect, is paid. A step that every order must have taken
    (delivered whole, invoiced whole, paid) has a day once the last one has.
    """

    class Standing(models.TextChoices):
        WAITING = "waiting", "Won, order not due yet"
        NO_ORDER = "no_order", "Won, no order"
        DIFFERS = "differs", "Amount differs"
        AGREES = "agrees", "Agrees"
        UNKNOWN = "unknown", "Amount unknown"
        LOST_ORDERED = "lost_ordered", "Lost, but ordered"
        LOST = "lost", "Lost"

    opportunity = _mirrored_once(OPPORTUNITY, "handover")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="handovers")
    standing = models.CharField(max_length=12, choices=Standing.choices)
    closed_on = models.DateField()
    won: Money = MoneyField(null=True)
    orders = models.IntegerField()
    proposed = models.IntegerField()
    possible = models.IntegerField()
    ordered: Money = MoneyField(null=True)
    cancelled: Money = MoneyField(null=True)
    delivered: Money = MoneyField(null=True)
    invoiced: Money = MoneyField(null=True)
    rate_effect: Money = MoneyField(null=True)
    paid: Money = MoneyField(null=True)
    ordered_on = models.DateField(null=True)
    promised_on = models.DateField(null=True)
    first_delivered_on = models.DateField(null=True)
    last_delivered_on = models.DateField(null=True)
    first_invoiced_on = models.DateField(null=True)
    last_invoiced_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    days_to_order = models.IntegerField(null=True)
    days_to_promise = models.IntegerField(null=True)
    days_to_first_delivery = models.IntegerField(null=True)
    days_to_last_delivery = models.IntegerField(null=True)
    days_to_invoice = models.IntegerField(null=True)
    days_to_payment = models.IntegerField(null=True)

    class Meta:
        db_table = "handover"
        indexes = [
            models.Index(fields=["standing", "customer"], name="handover_standing"),
            models.Index(fields=["customer", "closed_on"], name="handover_of_customer"),
        ]


class OrderWithoutOpportunity(models.Model):
    """An order that no opportunity became, of a customer with an account; `amount` in the reporting currency.
    `possible` opportunities fit equally well.
    """

    order = _mirrored_once(ORDER, "without_opportunity")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    ordered_on = models.DateField()
    amount: "MoneyField[Decimal, Decimal]" = MoneyField()
    possible = models.IntegerField()

    class Meta:
        db_table = "order_without_opportunity"


class HandoverVerdict(models.TextChoices):
    """What somebody decided about an opportunity and an order; `withdrawn` takes the decision before it back."""

    CONFIRM = "confirm", "Confirmed"
    REFUSE = "refuse", "Refused"
    WITHDRAWN = "withdrawn", "Taken back"


class HandoverDecision(models.Model):
    """One decision; rows are only added, and the newest of a pair is in force. `opportunity` is the id of one, or of a
    Salesforce order: no two records have the same. `by` is null when the login was deleted;
    `by_name` still says who. `applied` says that a matching has read it.
    """

    opportunity = KeyField()
    order = KeyField()
    verdict = models.CharField(max_length=10, choices=HandoverVerdict.choices)
    reason = models.TextField(default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=150)
    applied = models.BooleanField(default=False)

    class Meta:
        db_table = "handover_decision"
        indexes = [
            models.Index(fields=["opportunity", "order", "-id"], name="handover_decision_pair"),
            models.Index(fields=["id"], condition=models.Q(applied=False), name="handover_decision_new"),
        ]


class HandoverNote(models.Model):
    """What somebody noted about a row of a worklist: an opportunity or an order, by key. A row that agrees again leaves
    its worklist whatever stands here. Without `assignee` it falls to the customer's owner.
    """

    key = KeyField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    comment = models.TextField(default="", blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=150)

    class Meta:
        db_table = "handover_note"


class HandoverBasis(models.Model):
    """What hub.toml said about matching when it was done last; one row."""

    basis = models.TextField()

    class Meta:
        db_table = "handover_basis"
