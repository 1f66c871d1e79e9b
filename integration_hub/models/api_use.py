"""What the hub uses of the org's API requests, and the refresh token that Salesforce gave last."""

from django.db import models

from integration_hub.models.runs import Run


class ApiUse(models.Model):
    """One measurement, at most one a minute in a run and one at its end; kept for 30 days.

    `ours` counts the hub's own requests since the run's measurement before. `used_by_all` and `limit` are what
    Salesforce said last of the 24 hours before `at` (UTC), requests of every integration together; null where it has
    not said.
    """

    at = models.DateTimeField()
    organization = models.CharField(max_length=18, default="", blank=True)
    used_by_all = models.PositiveIntegerField(null=True)
    limit = models.PositiveIntegerField(null=True)
    ours = models.PositiveIntegerField(default=0)
    run_ref = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="api_use", db_column="run_id")

    class Meta:
        db_table = "hub_api_use"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at"], name="hub_api_use_at")]


class RefreshToken(models.Model):
    """The refresh token that Salesforce gave in place of the configured one, encrypted with the SECRET_KEY.

    `app` stands for login address and client id, `configured` for the token in the configuration that it replaced
    (both SHA-256): another one there is newer, so this one no longer counts. Access tokens are never stored.
    """

    app = models.CharField(max_length=64, primary_key=True)
    configured = models.CharField(max_length=64)
    token = models.TextField()
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "hub_refresh_token"
