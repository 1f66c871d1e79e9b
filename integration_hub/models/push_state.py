"""What stands around the plans: live values as last read, parked rows, hand edits, and the switch that stops all."""

from django.db import models

from integration_hub.models.pushes import PushPlan


class LiveRead(models.Model):
    """How far the pushed fields of one org are known. `fields` names each with type and scale; another list is read
    anew.

    `cursor` is the highest SystemModstamp read (UTC), `full_at` when every account was last read.
    """

    organization = models.CharField(max_length=18, primary_key=True)
    fields = models.JSONField(default=list)
    cursor = models.DateTimeField(null=True, blank=True)
    full_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "hub_live_read"


class LiveAccount(models.Model):
    """What stands in the pushed fields of one live account: exact texts by API name, null for an empty field.

    `currency` is empty in an org that has only one. `modified_by` is the id of the user who changed the record last.
    """

    account = models.CharField(max_length=18, primary_key=True)
    organization = models.CharField(max_length=18)
    values = models.JSONField(default=dict)
    currency = models.CharField(max_length=3, default="", blank=True)
    parent = models.CharField(max_length=18, default="", blank=True)
    owner = models.CharField(max_length=18, default="", blank=True)
    modified_at = models.DateTimeField(null=True, blank=True)
    modified_by = models.CharField(max_length=18, default="", blank=True)

    class Meta:
        db_table = "hub_live_account"


class ParkedRow(models.Model):
    """An account that Salesforce refused for a reason that trying again does not cure: the dead letter.

    `cause` groups rows refused for the same reason: of each cause one row is tried again with every push, and when it
    is accepted the others follow. `values` is what was refused, by API name; `seen_stamp` the account's change mark
    then: a newer one, or other values, are reason enough to try again. `assigned_to` is the login that takes care.
    """

    organization = models.CharField(max_length=18)
    account = models.CharField(max_length=18)
    plan = models.ForeignKey(PushPlan, on_delete=models.SET_NULL, null=True)
    cause = models.CharField(max_length=64)
    code = models.CharField(max_length=80)
    text = models.TextField(default="", blank=True)
    values = models.JSONField(default=dict)
    seen_stamp = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    retry_asked = models.BooleanField(default=False)
    assigned_to = models.CharField(max_length=150, default="", blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "hub_parked_row"
        indexes = [models.Index(fields=["cause", "last_at"], name="hub_parked_cause")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "account"],
                condition=models.Q(resolved_at=None),
                name="hub_parked_once",
            )
        ]


class DriftState(models.TextChoices):
    """What became of a hand edit. `settled`: the value is the expected one again without our doing."""

    OPEN = "open", "Open"
    RESTORED = "restored", "Restored"
    ACCEPTED = "accepted", "Accepted"
    SETTLED = "settled", "Settled"


class DriftRecord(models.Model):
    """A pushed value that somebody changed in Salesforce: `expected` is what it last confirmed to us, `found` what
    stood there instead.

    `changed_by` and `changed_at` are those of the account's last change. An accepted value stays as long as the
    figure is `wanted`, what we would have written when it was accepted.
    """

    organization = models.CharField(max_length=18)
    account = models.CharField(max_length=18)
    field = models.CharField(max_length=80)
    expected = models.TextField(null=True)
    found = models.TextField(null=True)
    wanted = models.TextField(null=True)
    changed_by = models.CharField(max_length=255, default="", blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=DriftState.choices, default=DriftState.OPEN)
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "hub_drift"
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"], name="hub_drift_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "account", "field"],
                condition=models.Q(state="open"),
                name="hub_drift_open_once",
            )
        ]


class PushSwitch(models.Model):
    """Each time somebody stopped or resumed the push; the newest row counts, none means running."""

    is_on = models.BooleanField()
    reason = models.TextField(default="", blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "hub_push_switch"
        ordering = ["-id"]
