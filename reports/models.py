"""What is kept of exports: every file that was made, and the ones that are made again and again."""

from django.conf import settings
from django.db import models


class ExportState(models.TextChoices):
    """Life of an export. `refused`: the worker found no right to it. `expired`: its file was removed. `streamed`:
    downloaded at once, no file is kept. `broken`: a download that did not reach its end.
    """

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    FAILED = "failed", "Failed"
    REFUSED = "refused", "Refused"
    EXPIRED = "expired", "Expired"
    STREAMED = "streamed", "Downloaded"
    BROKEN = "broken", "Broken off"


UNFINISHED = (ExportState.WAITING, ExportState.RUNNING)


class Frequency(models.TextChoices):
    """How often a scheduled export is made: weekly on `weekday`, monthly on `month_day`."""

    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"


class Delivery(models.TextChoices):
    """Where a scheduled export goes besides the app."""

    APP = "app", "Kept in the app"
    FOLDER = "folder", "Written to the folder"
    MAIL = "mail", "Mailed to its owner"


class ExportSchedule(models.Model):
    """An export that is made again. `question` are the parameters of the report's URL. `last_day` is the day of figures
    that it was last made for. `paused_because` is why it rests, in words.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    report = models.CharField(max_length=80)
    question = models.JSONField(default=dict, blank=True)
    format = models.CharField(max_length=4)
    frequency = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.DAILY)
    weekday = models.PositiveSmallIntegerField(default=0)
    month_day = models.PositiveSmallIntegerField(default=1)
    delivery = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.APP)
    active = models.BooleanField(default=True)
    paused_because = models.TextField(default="", blank=True)
    last_day = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "export_schedule"
        ordering = ["id"]


class ExportJob(models.Model):
    """One export: the log of who took which figures away, and where its file is while there is one.

    `user_name` stays when the user is gone. `question` are the parameters of the report's URL, `as_of` the day of its
    figures. `facts` are the lines that stand beside the file (name, text), `sums` the totals of amounts by heading.
    `frame` is what stands around the rows, as texts: "headings", "totals", and "sheets", the further ones of a workbook
    by name; empty for exports of earlier versions, whose control sum covers the rows alone. `seen` is what its maker
    saw (reports/export_seen.py), empty where that was not kept. `file` is a name in the folder of exports. `told` is
    whether its maker has seen that it ended.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="exports")
    user_name = models.CharField(max_length=150, default="", blank=True)
    schedule = models.ForeignKey(ExportSchedule, on_delete=models.SET_NULL, null=True, related_name="jobs")
    report = models.CharField(max_length=80)
    question = models.JSONField(default=dict, blank=True)
    as_of = models.DateField()
    format = models.CharField(max_length=4)
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(null=True, blank=True)
    file = models.CharField(max_length=120, default="", blank=True)
    size = models.PositiveBigIntegerField(default=0)
    control_sum = models.CharField(max_length=64, default="", blank=True)
    sums = models.JSONField(default=dict, blank=True)
    facts = models.JSONField(default=list, blank=True)
    frame = models.JSONField(default=dict, blank=True)
    seen = models.JSONField(default=dict, blank=True)
    error = models.TextField(default="", blank=True)
    told = models.BooleanField(default=True)
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "export_job"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="export_job_of_user"),
            models.Index(
                fields=["state"],
                name="export_job_unfinished",
                condition=models.Q(state__in=("waiting", "running")),
            ),
            models.Index(fields=["control_sum"], name="export_job_control_sum", condition=~models.Q(control_sum="")),
        ]

    def __str__(self) -> str:
        return f"Export {self.pk} of {self.report}"

    @property
    def is_unfinished(self) -> bool:
        """Whether a worker has it still to make."""
        return self.state in UNFINISHED

    @property
    def file_name(self) -> str:
        """The name under which it is downloaded; its number finds the record when the file comes back."""
        return f"{self.report}-{self.as_of.isoformat()}-{self.pk}.{self.format}"

    @property
    def percent(self) -> int:
        """How much of it is made."""
        return min(100, self.rows_done * 100 // self.rows_total) if self.rows_total else 0
