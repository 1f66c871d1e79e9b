"""What the schedule remembers: which time was last requested, who paused what, and which rings were answered."""

from django.db import models

from integration_hub.models.common import KeyField
from integration_hub.models.runs import Run


class ScheduleMark(models.Model):
    """For which time something on the clock was last requested, so that a clock that jumps neither skips nor repeats.

    `name` is that of timing/items.py. `due_for` is the time it was due, not when it was asked for; `rhythm` is the one
    that time belongs to. The first time something is seen its last time counts as done, and so for another rhythm.
    """

    name = KeyField(max_length=120, primary_key=True)
    due_for = models.DateTimeField()
    rhythm = models.CharField(max_length=200)
    requested_at = models.DateTimeField(null=True, blank=True)
    run_ref = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, db_column="run_id", related_name="+")

    class Meta:
        db_table = "hub_schedule_mark"


class SchedulePause(models.Model):
    """Somebody paused a source, a stream, a piece of work, or everything ("all"). It stands until it has ended.

    `until` lets it end by itself. Ended ones are kept: who paused what, when and why.
    """

    name = KeyField(max_length=120)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    reason = models.TextField()
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        db_table = "hub_schedule_pause"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(ended_at=None), name="hub_pause_once")
        ]


class Ring(models.Model):
    """An ERP rang for documents that changed. `digest` is the SHA-256 of time and body in hex: its uniqueness is what
    refuses a replay, also where two arrive at the same instant.

    `documents` holds [stream, key] pairs, `run_ref` is the sync that was asked for, which reads their streams.
    """

    digest = KeyField(max_length=64, primary_key=True)
    source = models.CharField(max_length=40)
    documents = models.JSONField(default=list)
    received_at = models.DateTimeField()
    run_ref = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, db_column="run_id", related_name="rings")

    class Meta:
        db_table = "hub_ring"
        indexes = [models.Index(fields=["source", "received_at"], name="hub_ring_received")]
