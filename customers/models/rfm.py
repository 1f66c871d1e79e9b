"""How RFM scores are set, each change with its reason; and the segment that each customer is in, and since when."""

from django.conf import settings
from django.db import models

from customers.models.customer import Customer


class RfmCalibration(models.Model):
    """One decision on where scores begin. The newest is in force; before the first one the usual scales are.

    `scales` is what customers.rfm_scales.Scales stores, `method` how its numbers were found. `as_of` is the day whose
    figures were looked at. `movers` says who moved by it: a list of {before, after, customers, revenue, overdue},
    names of segments and exact amounts as text in the reporting currency `currency`.
    """

    class Method(models.TextChoices):
        ABSOLUTE = "absolute", "Numbers set by hand"
        QUANTILE = "quantile", "Equal shares of the customers, kept as numbers"

    scales = models.JSONField()
    method = models.CharField(max_length=10, choices=Method.choices)
    ties = models.CharField(max_length=6, default="", blank=True)
    as_of = models.DateField()
    made_at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # As it was then: whoever decided stays named when the login is deleted.
    made_by = models.CharField(max_length=150)
    reason = models.TextField()
    currency = models.CharField(max_length=3)
    movers = models.JSONField(default=list)

    class Meta:
        db_table = "rfm_calibration"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.made_by}"


class RfmMembership(models.Model):
    """The segment of a customer at the current day, kept by every publish. `since` is the first stored day of it
    without interruption; `before` and `before_since` are the segment it came from, empty for none that is known.
    """

    # Customers and calibrations stay for ever, and the constraints would take more time than the rows themselves.
    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="rfm", db_constraint=False
    )
    segment = models.CharField(max_length=12)
    score = models.CharField(max_length=3, default="")
    since = models.DateField()
    before = models.CharField(max_length=12, default="")
    before_since = models.DateField(null=True)
    calibration = models.ForeignKey(
        RfmCalibration, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        db_table = "rfm_membership"
        # Who moved since a day.
        indexes = [models.Index(fields=["since"], name="rfm_membership_since")]
