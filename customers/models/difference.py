"""Where ERP and Salesforce say different things of one customer, and what people do about it."""

from django.conf import settings
from django.db import models

from customers.models.customer import Customer
from integration_hub.models.common import KeyField


class Difference(models.Model):
    """One field that an account and its leading ERP customer hold differently; a row is made once and kept.

    The values are raw, as each system has them; an amount is followed by its currency ("20000.00 EUR"). `opened_at` is
    when it came last, `first_seen_at` when it came first, `times` how often. It is closed by itself: `closed_why` is
    "equal", "unknown" (one side is read no more), "following" (another ERP customer leads), "unlinked" (the link went,
    or either side) or "undeclared" (hub.toml compares the field no more). While `assignee` is null it falls to the
    Salesforce user `falls_to`, or, where that is empty too, to the contact for the ERP that hub.toml names. Snoozed
    means open, with `snoozed_until` after today.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="differences")
    account = KeyField()
    erp_customer = KeyField()
    field = models.CharField(max_length=20)
    master = models.CharField(max_length=10)
    erp_value = models.TextField(default="", blank=True)
    salesforce_value = models.TextField(default="", blank=True)
    first_seen_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    last_seen_on = models.DateField()
    times = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=10, default="", blank=True)
    falls_to = KeyField(default="", blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="differences"
    )
    snoozed_until = models.DateField(null=True, blank=True)
    snooze_reason = models.TextField(default="", blank=True)

    class Meta:
        db_table = "difference"
        constraints = [models.UniqueConstraint(fields=["account", "erp_customer", "field"], name="difference_once")]
        indexes = [
            models.Index(fields=["-opened_at", "id"], name="difference_newest"),
            models.Index(
                fields=["field", "-opened_at", "id"],
                condition=models.Q(closed_at__isnull=True),
                name="difference_open_field",
            ),
            models.Index(fields=["falls_to"], condition=models.Q(closed_at__isnull=True), name="difference_falls_to"),
        ]


class DifferenceNote(models.Model):
    """One line of a difference's history: a comment, an assignment, a snooze, or what a comparison found.

    `kind` is comment, assigned, snoozed, woken, changed, closed or reopened. Of "changed" the values are those before.
    `by` is null for what a comparison found and when the login was deleted; `by_name` still says who.
    """

    difference = models.ForeignKey(Difference, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=150, default="", blank=True)
    kind = models.CharField(max_length=10)
    text = models.TextField(default="", blank=True)
    erp_value = models.TextField(default="", blank=True)
    salesforce_value = models.TextField(default="", blank=True)

    class Meta:
        db_table = "difference_note"
        ordering = ["-id"]


class DifferenceCheck(models.Model):
    """The latest comparison, one row: when it was, the masters of hub.toml that it went by, and by source which of the
    fields it ever fills (null: found at the next publish).
    """

    compared_at = models.DateTimeField()
    masters = models.TextField()
    delivered = models.JSONField(null=True)

    class Meta:
        db_table = "difference_check"
