"""Who did what: a chain of rows that is only ever added to, and the configuration that was last seen in force."""

from django.db import models


class AuditRow(models.Model):
    """One act. `sequence` has no gaps; `hash` is that of the row with the `hash` of the row before it (audit/chain.py).

    `who` is a login's name, "command line", or what acted by itself; `what` a verb such as "plan.approved"; `kind` and
    `object` say of what. `before` and `after` are small and hold no secrets. Triggers refuse every change of the table
    but an insert.
    """

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    who = models.CharField(max_length=150, default="", blank=True)
    ip = models.CharField(max_length=45, default="", blank=True)
    what = models.CharField(max_length=60)
    kind = models.CharField(max_length=40, default="", blank=True)
    object = models.CharField(max_length=200, default="", blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    result = models.CharField(max_length=20)
    run = models.BigIntegerField(null=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "hub_audit"
        ordering = ["-sequence"]
        indexes = [
            models.Index(fields=["who", "-sequence"], name="hub_audit_who"),
            models.Index(fields=["what", "-sequence"], name="hub_audit_what"),
            models.Index(fields=["object", "-sequence"], name="hub_audit_object"),
            models.Index(fields=["ip", "what", "-sequence"], name="hub_audit_ip"),
            models.Index(fields=["at"], name="hub_audit_at"),
        ]


class KnownConfiguration(models.Model):
    """The one row says which configuration the audit knows: the file's sha256, and its keys with what they say.

    Of a secret only a keyed digest is kept, which tells that it changed.
    """

    digest = models.CharField(max_length=64)
    keys = models.JSONField(default=dict)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "hub_known_configuration"
