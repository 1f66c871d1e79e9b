"""Segments that users define by rules, every version there ever was of them, and who is in those that are sent."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from customers.models.customer import Customer


class Segment(models.Model):
    """Rules under a name. `shared` ones are offered to everybody; each reader sees only own customers in them.

    `rules` is the JSON of customers.rules.shape, kept as written even when a field it names is withdrawn. `owner` is
    null when the login was deleted; `owner_name` still says whose it was. The name of a `sent` one goes to Salesforce
    for each account in it; only shared ones are sent.
    """

    name = models.CharField(max_length=80)
    description = models.TextField(default="", blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="segments")
    owner_name = models.CharField(max_length=150)
    shared = models.BooleanField(default=False)
    sent = models.BooleanField(default=False)
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
    sent = models.BooleanField(default=False)
    rules = models.JSONField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_by_name = models.CharField(max_length=150)
    changed_at = models.DateTimeField()
    restored = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "segment_version"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]


class SentSegments(models.Model):
    """The sent segments that a customer is in at the current day, kept by every publish; whoever never was in one has
    no row. `names` are joined by "; " in alphabetical order, empty for none any more. `since` is the first day of these
    names without interruption, `before` and `before_since` the names of the time before.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="sent_segments")
    segments = ArrayField(models.BigIntegerField())
    names = models.TextField(default="")
    since = models.DateField()
    before = models.TextField(default="")
    before_since = models.DateField(null=True)

    class Meta:
        db_table = "sent_segments"


class SentSegmentsState(models.Model):
    """One row: which versions of which segments SentSegments was made of, for all customers."""

    state = models.TextField()

    class Meta:
        db_table = "sent_segments_state"
