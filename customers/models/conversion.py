"""When accounts became customers, and what no account shows, day by day."""

from decimal import Decimal

from django.db import models

from customers.models.customer import Customer
from customers.models.link_decision import LinkDecision
from integration_hub.models.common import MoneyField


class ConversionCause(models.TextChoices):
    """What made an account a customer: its first ERP customer was linked, or that one had ordered already."""

    LINK = "link", "First link"
    ORDER = "order", "First order"


class Conversion(models.Model):
    """An account became a customer: stamped once, by the publish that saw it, and not moved to a later day afterwards.

    `converted_on` is the day of the link or of the first order, whichever was earlier. `known_before` marks those that
    were customers when the first links of their ERP were read: nobody saw them convert, so the day is that of the first
    order, null where there is none yet. `first_opportunity_on` and `first_order_on` are what was known up to the first
    order; both are filled once. `unlinked_at` is set while no ERP customer is linked any more. A stamp that a
    `decision` about links made goes when that is taken back; so does one that was recorded together with links by a
    rule that shares or by an identifier (LinkEvent.at), when these do not stand any more.

    `merged_into` is set while the account is merged into another, which shows the earlier days of both; `own` is what
    that one had of itself ("{}" for nothing), and is its stamp again when the merge is undone.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="conversion")
    converted_on = models.DateField(null=True)
    cause = models.CharField(max_length=5, choices=ConversionCause.choices)
    known_before = models.BooleanField(default=False)
    first_opportunity_on = models.DateField(null=True)
    first_order_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    unlinked_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    decision = models.ForeignKey(LinkDecision, on_delete=models.SET_NULL, null=True, related_name="+")
    own = models.JSONField(null=True)

    class Meta:
        db_table = "customer_conversion"
        indexes = [models.Index(fields=["converted_on"], name="customer_conversion_day")]


class UnlinkedDay(models.Model):
    """What no account showed at a day: figures of ERP customers without one, beside those of everybody; reporting
    currency. Past days stay as they were then.
    """

    as_of = models.DateField(primary_key=True)
    customers = models.IntegerField()
    unlinked_revenue: "MoneyField[Decimal, Decimal]" = MoneyField()
    revenue: "MoneyField[Decimal, Decimal]" = MoneyField()
    unlinked_overdue: "MoneyField[Decimal, Decimal]" = MoneyField()
    overdue: "MoneyField[Decimal, Decimal]" = MoneyField()

    class Meta:
        db_table = "rollup_unlinked_day"
