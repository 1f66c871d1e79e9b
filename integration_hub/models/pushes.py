"""Push plans, the changes they hold, and the audit of every field value written to Salesforce."""

from decimal import Decimal

from django.db import models

from integration_hub.models.runs import Run


class PlanKind(models.TextChoices):
    """What a plan is for: the figures of the day, or the values that stood there before another plan."""

    PUSH = "push", "Push"
    UNDO = "undo", "Undo"


class PlanStatus(models.TextChoices):
    """Life of a plan. `halted`: a brake or the preflight stopped it before anything was sent. `waiting`: nothing is
    wrong with it, but every plan is to be approved by a person.
    """

    PLANNED = "planned", "Planned"
    WAITING = "waiting", "Waits for approval"
    HALTED = "halted", "Halted"
    SENDING = "sending", "Sending"
    DONE = "done", "Done"
    PARTIAL = "partial", "Done in part"
    FAILED = "failed", "Failed"
    DRY = "dry", "Dry run"


class PushPlan(models.Model):
    """What a push intends, stored before anything is sent. `organization` is the 18-character org id it was made for.

    `fingerprint` is a hash of all changes: only exactly this plan may be sent. `job_id` is the Bulk 2.0 job, stored
    before upload. `findings` is the preflight's list of {field, state, problem, remedy}. `approved_by` let the plan
    pass the brake on its size. `undoes` is the plan whose values an undo puts back. `total_change` is the sum of the
    absolute movements of its amounts, in the reporting currency. `read_back_at` is when the written values were read
    again from Salesforce, `read_back_differs` how many were not there.
    """

    kind = models.CharField(max_length=10, choices=PlanKind.choices, default=PlanKind.PUSH)
    undoes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_by")
    total_change = models.DecimalField(max_digits=24, decimal_places=2, default=Decimal(0))
    approved_at = models.DateTimeField(null=True, blank=True)
    read_back_at = models.DateTimeField(null=True, blank=True)
    read_back_differs = models.PositiveIntegerField(default=0)
    run_ref = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, related_name="plans", db_column="run_id")
    made_at = models.DateTimeField(auto_now_add=True)
    as_of = models.DateField()
    organization = models.CharField(max_length=18, default="", blank=True)
    status = models.CharField(max_length=10, choices=PlanStatus.choices, default=PlanStatus.PLANNED)
    fingerprint = models.CharField(max_length=64, default="", blank=True)
    method = models.CharField(max_length=12, default="", blank=True)
    job_id = models.CharField(max_length=18, default="", blank=True)
    accounts_compared = models.PositiveIntegerField(default=0)
    accounts_changed = models.PositiveIntegerField(default=0)
    fields_changed = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list, blank=True)
    approved_by = models.CharField(max_length=150, default="", blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(default="", blank=True)

    class Meta:
        db_table = "hub_push_plan"
        ordering = ["-id"]


class ChangeStatus(models.TextChoices):
    """Life of one field change.

    `unknown`: sent, but the answer never came; the next plan compares with the live value. `left`: somebody changed
    the value in Salesforce, and the configuration leaves such values alone. `parked`: the account was refused for a
    reason that is still there, so its values wait until it is gone. `skipped`: an undo leaves a value that changed
    since.
    """

    PLANNED = "planned", "Planned"
    SENT = "sent", "Sent"
    DONE = "done", "Written"
    FAILED = "failed", "Refused"
    UNKNOWN = "unknown", "Unknown"
    LEFT = "left", "Left alone"
    PARKED = "parked", "Parked"
    SKIPPED = "skipped", "Changed since"


class PushChange(models.Model):
    """One field of one account: the audit row, written before the send and completed by the answer.

    `before` and `after` are exact text, null for an empty field. `drift` marks a live value that was neither wanted
    nor last acknowledged by us. `movement` is the absolute difference of two numbers, an empty one counting as zero;
    null for texts and dates. It sorts the biggest movers first. `note` says how the value was made where that is not
    plain, such as the rate of a conversion.
    """

    plan = models.ForeignKey(PushPlan, on_delete=models.CASCADE, related_name="changes")
    account = models.CharField(max_length=18)
    field = models.CharField(max_length=80)
    before = models.TextField(null=True)
    after = models.TextField(null=True)
    movement = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    drift = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=ChangeStatus.choices, default=ChangeStatus.PLANNED)
    error_code = models.CharField(max_length=80, default="", blank=True)
    error_text = models.TextField(default="", blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(default="", blank=True)

    class Meta:
        db_table = "hub_push_change"
        ordering = ["id"]
        indexes = [models.Index(fields=["account", "field", "-id"], name="hub_change_latest")]


class PushedValue(models.Model):
    """The value that Salesforce last acknowledged for a field of an account, with the plan that wrote it."""

    account = models.CharField(max_length=18)
    field = models.CharField(max_length=80)
    value = models.TextField(null=True)
    acknowledged_at = models.DateTimeField()
    plan = models.ForeignKey(PushPlan, on_delete=models.SET_NULL, null=True)
    last_error = models.TextField(default="", blank=True)

    class Meta:
        db_table = "hub_pushed_value"
        constraints = [models.UniqueConstraint(fields=["account", "field"], name="hub_pushed_value_once")]
