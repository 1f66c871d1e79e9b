"""Requests of Salesforce's Canvas that were answered, so that none is answered twice."""

from django.db import models

from integration_hub.models.common import KeyField


class CanvasRequest(models.Model):
    """A signed request that was accepted as authentic; `digest` is the SHA-256 of its signed text, in hex.

    The unique digest is what refuses a replay, also where two arrive at the same instant.
    """

    digest = KeyField(max_length=64, primary_key=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "hub_canvas_request"
        indexes = [models.Index(fields=["received_at"], name="hub_canvas_received")]
