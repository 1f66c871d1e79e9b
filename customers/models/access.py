"""Who sees customers beside their owner: account teams, deputies; and who opened or exported which customer."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers.models.customer import Customer
from integration_hub.models.common import KeyField


class TeamScope(models.Model):
    """`viewer` may see the customer because they, or a user in a role below theirs, are in its account team.

    Only customers that the viewer does not see by their owner already. Kept by each publish that touches them.
    """

    viewer = KeyField(max_length=18)
    # Customers stay for ever, and a constraint would cost most of the time that a change of everybody's role takes.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        db_table = "team_scope"
        constraints = [models.UniqueConstraint(fields=["viewer", "customer"], name="team_scope_once")]


class Deputy(models.Model):
    """A login that sees the book of an absent Salesforce user from one day to another, both included.

    Days are those of the company's time zone. Nothing is deleted while the login exists, so it stays known who could
    see what, and when.
    """

    absent = KeyField(max_length=18)
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    begins_on = models.DateField()
    ends_on = models.DateField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "deputy"
        indexes = [models.Index(fields=["absent", "-begins_on"], name="deputy_of_absent")]
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="deputy_ends_after")]


class CustomerView(models.Model):
    """Somebody opened or exported a customer: one row per customer, login, kind of page and hour.

    `deputy_for` is the Salesforce user in whose place it was seen, empty where it was seen in one's own right.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=20)
    hour = models.DateTimeField()
    deputy_for = KeyField(max_length=18, default="", blank=True)

    class Meta:
        db_table = "customer_view"
        indexes = [models.Index(fields=["hour"], name="customer_view_hour")]
        constraints = [
            models.UniqueConstraint(fields=["customer", "hour", "user", "page"], name="customer_view_once"),
        ]
