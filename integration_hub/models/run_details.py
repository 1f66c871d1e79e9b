"""What run pages show beside the ledger: the rows behind a number, how far a running one is, the machine's pulse."""

from django.db import models

from integration_hub.models.common import KeyField
from integration_hub.models.runs import Run


class RowChange(models.TextChoices):
    """What a run did with a row; `duplicate` rows were left out, because another of the same key counts."""

    INSERTED = "inserted", "New"
    UPDATED = "updated", "Changed"
    DELETED = "deleted", "Marked as gone"
    DUPLICATE = "duplicate", "Left out as duplicates"


class RunRow(models.Model):
    """One row that a number of a stream's run counts. Written with the publish itself, so the numbers add up.

    A number above integration_hub.run_lists.MOST_LISTED has no list; lists go after integration_hub.run_lists.KEPT.
    """

    run_ref = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rows", db_column="run_id", db_index=False)
    stream = models.CharField(max_length=100)
    change = models.CharField(max_length=10, choices=RowChange.choices)
    key = KeyField()

    class Meta:
        db_table = "hub_run_row"
        indexes = [models.Index(fields=["run_ref", "stream", "change", "key"], name="hub_run_row_listed")]


class RunProgress(models.Model):
    """How far a running sync is; at most one write a second, by a connection of its own. No row: nothing to tell yet.

    `run` is the run's id without a constraint, since the run may not be committed for the connection that writes here.
    `stream_began_at`, `rows` and `bytes` are those of the stream `stream`, number `position` of `streams`.
    """

    run = models.BigIntegerField(primary_key=True)
    phase = models.CharField(max_length=20)
    stream = models.CharField(max_length=100, default="", blank=True)
    mode = models.CharField(max_length=12, default="", blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    streams = models.PositiveSmallIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    stream_began_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "hub_run_progress"


class Pulse(models.Model):
    """What the scheduler saw at its last tick of the machine that it runs on. One row, named "scheduler".

    `facts` are numbers by name (see integration_hub.status.pulse.Facts); what could not be asked is null.
    """

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "hub_pulse"
