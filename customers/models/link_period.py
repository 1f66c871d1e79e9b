"""Which account an ERP customer belonged to at a day, so that a past day can be computed by the links of then."""

from django.db import models
from django.db.models import F, Q

from customers.models.customer import OF_A_PART, Customer, Part
from integration_hub.models.common import KeyField


class AccountLinkPeriod(Part):
    """The ERP customer added to the figures of `customer` from `valid_from` until the day before `valid_to`.

    `valid_from` is null where the start is not known: then it was always so. `valid_to` is null while it is so. A day
    belongs to the last link of that day, by the company's calendar. `account` is null while it belonged to none. The
    periods of an ERP customer with a customer never overlap, and those with several are the parts of a rule.
    """

    erp_customer = KeyField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="link_periods", db_index=False)
    account = KeyField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "account_link_period"
        indexes = [
            models.Index(fields=["customer"], name="account_link_period_customer"),
            models.Index(fields=["erp_customer"], name="account_link_period_erp"),
            models.Index(fields=["erp_customer"], condition=OF_A_PART, name="account_link_period_of_a_part"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["erp_customer", "customer"],
                condition=Q(valid_to__isnull=True),
                name="account_link_period_one_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_from__lt=F("valid_to")),
                name="account_link_period_has_days",
            ),
        ]
