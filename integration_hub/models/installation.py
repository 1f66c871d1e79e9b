"""Which database this installation last found itself in, and whether it was put there from a backup."""

from django.db import models


class Installation(models.Model):
    """One row. `identity` is what PostgreSQL itself changes when a backup is restored or the database is copied.

    `restored_at` is set from the moment a restore is noticed until a person has approved the first plan after it;
    `reason` says in words how it was noticed.

    `mark` tells this installation from others where it pushes to, empty until it is needed; `taken_over` are the marks,
    with spaces between, of those whose place it took.
    """

    identity = models.CharField(max_length=120)
    restored_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(default="", blank=True)
    mark = models.CharField(max_length=12, default="", db_default="", blank=True)
    taken_over = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "hub_installation"
