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


class SourceProof(models.Model):
    """Why nothing can be written to a source through us, as found when it was last read.

    `holds_since` is when the proof was first found after it had last failed, null while it fails. `problem` says why it
    fails. `proven` is whether this kind has been tried against the real system. `companies` and `warnings` are lists of
    texts; `missing` holds, by stream, what the source does not provide.
    """

    source = models.CharField(max_length=60, primary_key=True)
    version = models.CharField(max_length=255, default="", blank=True)
    proof = models.TextField(default="", blank=True)
    companies = models.JSONField(default=list, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    missing = models.JSONField(default=dict, blank=True)
    proven = models.BooleanField(default=True)
    checked_at = models.DateTimeField()
    holds_since = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(default="", blank=True)
    remedy = models.TextField(default="", blank=True)

    class Meta:
        db_table = "hub_source_proof"
