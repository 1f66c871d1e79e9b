"""What was found when a system outside was last asked, so that a page can show it without asking."""

from django.db import models

from integration_hub.models.runs import Run


class OutsideCheck(models.Model):
    """One finding on one system (`subject`), replaced as a whole by the next check; `position` keeps their order.

    `light` is 0 green, 1 amber, 2 red. `topic` groups findings on the page.
    """

    subject = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    topic = models.CharField(max_length=40, default="", blank=True)
    name = models.CharField(max_length=120)
    light = models.PositiveSmallIntegerField()
    finding = models.TextField()
    remedy = models.TextField(default="", blank=True)
    checked_at = models.DateTimeField()
    run_ref = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, db_column="run_id")

    class Meta:
        db_table = "hub_outside_check"
        ordering = ["subject", "position"]
        constraints = [models.UniqueConstraint(fields=["subject", "position"], name="hub_outside_check_once")]


class DescribedField(models.Model):
    """A field that hub.toml names, as Salesforce described it when it was last asked.

    `calculated`: a formula or roll-up, whose value changes without moving the record's change mark.
    """

    sobject = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    label = models.CharField(max_length=255)
    type = models.CharField(max_length=40)
    calculated = models.BooleanField(default=False)

    class Meta:
        db_table = "hub_described_field"
        constraints = [models.UniqueConstraint(fields=["sobject", "name"], name="hub_described_field_once")]
