"""When a user was here: the visit that runs and the one before it."""

from django.conf import settings
from django.db import models


class Visit(models.Model):
    """A user's running visit: its first and its latest page view, and when the visit before it began (null: this is the
    first). Times are UTC.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visit")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    previous_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "visit"
