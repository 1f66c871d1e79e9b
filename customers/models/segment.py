"""Segments that users define by rules, and every version there ever was of them."""

from django.conf import settings
from django.db import models


class Segment(models.Model):
    """Rules under a name. `shared` ones are offered to everybody; each reader sees only own customers in them.

    `rules` is the JSON of customers.rules.shape, kept as written even when a field it names is withdrawn. `owner` is
    null when the login was deleted; `owner_name` still says whose it was.
    """

    name = models.CharField(max_length=80)
    description = models.TextField(default="", blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="segments")
    owner_name = models.CharField(max_length=150)
    shared = models.BooleanField(default=False)
    rules = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "segment"
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="segment_name_once")]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """A segment as it was from one change to the next; the newest is the segment itself. `restored` is the number of
    the version that a change brought back.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    description = models.TextField(default="", blank=True)
    shared = models.BooleanField(default=False)
    rules = models.JSONField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_by_name = models.CharField(max_length=150)
    changed_at = models.DateTimeField()
    restored = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "segment_version"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]
