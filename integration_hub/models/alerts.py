"""What is wrong now or was: alerts, the messages about them, and their way to each address, which is an outbox."""

from django.db import models


class Severity(models.TextChoices):
    """`critical`: figures are wrong or stand still. `warning`: they will be if nobody looks."""

    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class Alert(models.Model):
    """One time that something was wrong with a subject, from when it was first seen to its recovery.

    Before `raised_at` it waits for its shortest duration, and nobody is told. `clear_since` is since when it has looked
    right again; it recovers once that lasted. `told_at` is when somebody was last told of it.
    """

    condition = models.CharField(max_length=40)
    subject = models.CharField(max_length=100)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    text = models.TextField()
    meaning = models.TextField(default="", blank=True)
    remedy = models.TextField(default="", blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    raised_at = models.DateTimeField(null=True)
    clear_since = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    recovered_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=150, default="", blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    comment = models.TextField(default="", blank=True)

    class Meta:
        db_table = "hub_alert"
        ordering = ["-id"]
        indexes = [models.Index(fields=["condition", "subject", "-id"], name="hub_alert_history")]
        constraints = [
            models.UniqueConstraint(
                fields=["condition", "subject"], condition=models.Q(recovered_at=None), name="hub_alert_open_once"
            )
        ]


class MessageKind(models.TextChoices):
    """What a message tells."""

    RAISED = "raised", "Raised"
    RECOVERED = "recovered", "Recovered"
    REMINDER = "reminder", "Reminder"
    DIGEST = "digest", "Digest"
    TEST = "test", "Test"


class AlertMessage(models.Model):
    """One message; `payload` is what a webhook gets. A `held` one was over the hour's limit; its `digest` tells it."""

    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    alert = models.ForeignKey(Alert, on_delete=models.SET_NULL, null=True, related_name="messages")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    held = models.BooleanField(default=False)
    digest = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="holds")

    class Meta:
        db_table = "hub_alert_message"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["-created_at"], name="hub_alert_message_latest"),
            models.Index(fields=["id"], condition=models.Q(held=True, digest=None), name="hub_alert_message_held"),
        ]


class AlertDelivery(models.Model):
    """The way of a message to one address. `attempts` and `not_before` are stored before each attempt, `sent_at` after
    it: a process that is killed in between sends it once more, and never not at all.

    `target` is a mail address, or of a webhook a digest of its address, which may hold a token.
    """

    message = models.ForeignKey(AlertMessage, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10)
    target = models.CharField(max_length=254)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        db_table = "hub_alert_delivery"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["not_before"], condition=models.Q(sent_at=None, given_up_at=None), name="hub_alert_delivery_due"
            )
        ]
        constraints = [models.UniqueConstraint(fields=["message", "channel", "target"], name="hub_alert_delivery_once")]


class Heartbeat(models.Model):
    """When a process that works by itself last did, and when before that."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    before = models.DateTimeField(null=True)

    class Meta:
        db_table = "hub_heartbeat"
