"""Stored figures per customer and day. customers/sql fills the columns; measures.py declares what each one means."""

from decimal import Decimal

from django.db import models

from customers.attention_rules import stored_stake
from customers.models.customer import Customer
from integration_hub.models.common import KeyField, Label, MoneyField


def money() -> "MoneyField[Decimal, Decimal]":
    """An amount in the reporting currency."""
    return MoneyField(default=Decimal(0))


class CustomerRollup(models.Model):
    """All measures of one customer at one day, in the reporting currency. A past day's rows are never touched by the
    current run.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="rollups", db_index=False)
    as_of = models.DateField()
    computed_at = models.DateTimeField()
    # revenue
    revenue_ytd = money()
    revenue_ytd_prior = money()
    revenue_last_year = money()
    revenue_year_before_last = money()
    revenue_12m = money()
    revenue_prior_12m = money()
    # orders
    order_intake_ytd = money()
    order_intake_last_year = money()
    order_intake_12m = money()
    order_intake = money()
    orders_received = money()
    orders_received_count = models.IntegerField(default=0)
    order_count_12m = models.IntegerField(default=0)
    priced_order_count_12m = models.IntegerField(default=0)
    # the same, of what a rule divides only the part: what an average of orders is divided by
    order_parts_12m = models.DecimalField(max_digits=18, decimal_places=8, default=Decimal(0), db_default=Decimal(0))
    order_count = models.IntegerField(default=0)
    first_order_on = models.DateField(null=True)
    last_order_on = models.DateField(null=True)
    open_orders_amount = money()
    open_orders_count = models.IntegerField(default=0)
    late_orders_count = models.IntegerField(default=0)
    late_orders_amount = money()
    shipped_late_count = models.IntegerField(default=0)
    delivered_not_invoiced = money()
    late_lines_amount = money()
    late_lines_count = models.IntegerField(default=0)
    delivered_orders_12m = models.IntegerField(default=0)
    otif_count_12m = models.IntegerField(default=0)
    otif = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    delivered_orders_prior_12m = models.IntegerField(default=0)
    otif_count_prior_12m = models.IntegerField(default=0)
    otif_prior = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    # rhythm: usual days between orders, null where there are too few; first day beyond it, null while in rhythm
    order_gap_days = models.IntegerField(null=True)
    quiet_since = models.DateField(null=True)
    # receivables
    open_amount = money()
    overdue_amount = money()
    overdue_count = models.IntegerField(default=0)
    oldest_overdue_days = models.IntegerField(null=True)
    aging_not_due = money()
    aging_1_30 = money()
    aging_31_60 = money()
    aging_61_90 = money()
    aging_over_90 = money()
    aging_no_due_date = money()
    credits_amount = money()
    unallocated_amount = money()
    # the open amount by what can be done about it
    disputed_amount = money()
    due_soon_amount = money()
    due_later_amount = money()
    overdue_small_amount = money()
    overdue_large_amount = money()
    # standing in the ERP: blocked ERP customers; highest open share of a credit limit (1 = all), null without one
    blocked_count = models.IntegerField(default=0)
    credit_used = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    # all opportunities up to the day, whatever became of them, and the day of the first; null: not counted then
    opportunity_count = models.IntegerField(null=True)
    first_opportunity_on = models.DateField(null=True)
    # ratios: the parts, so that a ratio opens numerator and denominator
    won_amount_12m = money()
    won_count_12m = models.IntegerField(default=0)
    paid_days_weighted_12m = models.DecimalField(max_digits=24, decimal_places=4, default=Decimal(0))
    paid_amount_12m = money()
    late_days_weighted_12m = models.DecimalField(max_digits=24, decimal_places=4, default=Decimal(0))
    paid_due_amount_12m = money()
    average_order_value = MoneyField(null=True)
    average_deal_size = MoneyField(null=True)
    days_to_pay = models.DecimalField(max_digits=24, decimal_places=1, null=True)
    days_late_paid = models.DecimalField(max_digits=24, decimal_places=1, null=True)
    dso = models.DecimalField(max_digits=24, decimal_places=1, null=True)
    # documents without a rate to the reporting currency, an amount or a day: listed, never added
    not_converted_count = models.IntegerField(default=0)
    invoice_count = models.IntegerField(default=0)
    delivery_count = models.IntegerField(default=0)
    # also quotes and cancelled orders: the length of the list
    listed_order_count = models.IntegerField(default=0)
    payment_count = models.IntegerField(default=0)
    # orders, deliveries, invoices and payments of companies that do not count
    left_out_count = models.IntegerField(default=0)
    # the most money that a reason for attention sees at stake, null without a reason: customers.attention_rules
    stake = models.GeneratedField(
        expression=stored_stake(),
        output_field=models.DecimalField(max_digits=24, decimal_places=4),
        db_persist=True,
        null=True,
    )

    class Meta:
        db_table = "rollup_customer"
        constraints = [models.UniqueConstraint(fields=["customer", "as_of"], name="rollup_customer_day")]
        indexes = [
            models.Index(fields=["as_of", "-revenue_last_year", "customer"], name="rollup_rev_ly"),
            models.Index(fields=["as_of", "-revenue_ytd", "customer"], name="rollup_rev_ytd"),
            # Members of a segment stand in this order.
            models.Index(fields=["as_of", "-revenue_12m", "customer"], name="rollup_rev_12m"),
            models.Index(fields=["as_of", "-overdue_amount", "customer"], name="rollup_overdue"),
            models.Index(
                fields=["as_of", "-stake", "customer"], condition=models.Q(stake__isnull=False), name="rollup_stake"
            ),
            # What segments are mostly made of: the customers of a day are counted, and two days compared, without
            # reading whole rows.
            models.Index(
                fields=["as_of", "customer"],
                include=[
                    *("revenue_ytd", "revenue_ytd_prior", "revenue_last_year", "revenue_12m", "revenue_prior_12m"),
                    *("order_count_12m", "last_order_on", "open_amount", "overdue_amount", "overdue_count"),
                    *("average_deal_size", "won_count_12m"),
                ],
                name="rollup_segment",
            ),
        ]


class CustomerMonth(models.Model):
    """Revenue and order intake of one customer in one calendar month (`month` is its first day), reporting currency."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="months", db_index=False)
    month = models.DateField()
    revenue = money()
    invoice_count = models.IntegerField(default=0)
    order_intake = money()
    order_count = models.IntegerField(default=0)

    class Meta:
        db_table = "rollup_customer_month"
        constraints = [models.UniqueConstraint(fields=["customer", "month"], name="rollup_customer_month_once")]


class CustomerCategory(models.Model):
    """Revenue of one customer with one product category in the 12 months up to the current day and in the 12 before,
    reporting currency; `category` may also name what invoices bill without a product or without a line, so that the
    rows of a customer add up to its revenue. `usual_gap` is the median number of days between days of buying in those
    24 months, null with fewer than three such days.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="categories", db_index=False)
    category = Label()
    revenue_12m = money()
    revenue_prior_12m = money()
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    usual_gap = models.IntegerField(null=True)

    class Meta:
        db_table = "rollup_customer_category"
        constraints = [models.UniqueConstraint(fields=["customer", "category"], name="rollup_customer_category_once")]


class OwnerTotal(models.Model):
    """What the customers of one owner are together at the current day, so that lists over all of them need not add.

    The owner EVERYBODY stands for all customers, the empty one for those without an account. `counts` holds the number
    of customers by the name of the standard view ("" for all), `sums` by the name of the measure as exact text.
    """

    EVERYBODY = "*"

    owner = KeyField(primary_key=True)
    as_of = models.DateField()
    counts = models.JSONField(default=dict)
    sums = models.JSONField(default=dict)

    class Meta:
        db_table = "rollup_owner"


class RollupDay(models.Model):
    """Which day's rollups are complete. The newest day with `current` is what pages show.

    `basis` says in words in which currency, by which calendar and of which companies they are; days of another basis
    cannot be compared. Empty for days that were rolled up before it was kept. `links_of` is the day by whose links
    between ERP customers and accounts they are; null for those of the day itself.
    """

    as_of = models.DateField(primary_key=True)
    current = models.BooleanField(default=False)
    completed_at = models.DateTimeField()
    basis = models.TextField(default="", blank=True)
    links_of = models.DateField(null=True, blank=True)
    # `archived_at`: its figures are packed (customers.history); `stored`: they are in rollup_customer, for an archived
    # day because somebody asked for it at `brought_at`.
    archived_at = models.DateTimeField(null=True, blank=True)
    stored = models.BooleanField(default=True)
    brought_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "rollup_day"
