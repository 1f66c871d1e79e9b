"""What became of links: one row whenever an ERP customer left an account."""

from django.db import models

from integration_hub.models.common import KeyField


class LinkEvent(models.Model):
    """An ERP customer moved from one account to another, was parked, or came back; rows are only ever added.

    `to_account` is empty when it belongs to no account now, `from_account` when it belonged to none before. `why` is
    linked (it belongs to an account again), decided (somebody decided so), shared (by a rule over several accounts),
    identifier (an exact identifier is the same), merged (the account was merged into the other), deleted (the account
    was), moved (the stored keys say so), ground_gone (no exact identifier tells any more whose it is), unlinked or gone
    (the ERP customer is); `detail` says it in words where there is more to say.
    """

    at = models.DateTimeField()
    erp_customer = KeyField()
    from_account = KeyField()
    to_account = KeyField(default="", blank=True)
    why = models.CharField(max_length=12)
    detail = models.TextField(default="", blank=True)

    class Meta:
        db_table = "link_event"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["erp_customer", "-id"], name="link_event_of_customer"),
            models.Index(fields=["from_account"], name="link_event_from"),
            models.Index(fields=["to_account"], name="link_event_to"),
        ]
