"""Which database this installation last found itself in, and whether it was put there from a backup."""

from django.db import models


class Installation(models.Model):
    """One row. `identity` is what PostgreSQL itself changes when a backup is restored or the database is copied.

    `restored_at` is set from the moment a restore is noticed until a person has approved the first plan after it;
    `reason` says in words how it was noticed.
    """

    identity = models.CharField(max_length=120)
    restored_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(default="", blank=True)

    class Meta:
        db_table = "hub_installation"
