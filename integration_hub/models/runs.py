"""The ledger: runs with their results per stream, cursors, rejected rows, reconciliation and notices."""

from django.db import models

from integration_hub.models.common import KeyField


class RunKind(models.TextChoices):
    """What a run does. `sync` brings one source up to date and publishes; `rollup` recomputes a day; `push` sends a
    plan. `reconcile` proves the mirror against its source. `formulas` refreshes fields that move no change mark,
    `sweep` compares all ids, `drift` looks for pushed values that were edited by hand. `check` asks whether everything
    is set up. `match` finds accounts for ERP customers that have none, `archive` packs the figures of past days,
    `replay` tries rejected rows of a source again.
    """

    SYNC = "sync", "Sync"
    ROLLUP = "rollup", "Roll up"
    PUSH = "push", "Push"
    RECONCILE = "reconcile", "Reconcile"
    FORMULAS = "formulas", "Refresh formulas of"
    SWEEP = "sweep", "Compare ids of"
    DRIFT = "drift", "Drift check of"
    CHECK = "check", "Check of"
    MATCH = "match", "Find accounts"
    ARCHIVE = "archive", "Pack figures"
    REPLAY = "replay", "Replay rejected rows of"


class RunStatus(models.TextChoices):
    """Life of a run. `partial`: published or sent, with rows left behind. `dead`: its process vanished; a new run
    takes over.
    """

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    PARTIAL = "partial", "Succeeded in part"
    FAILED = "failed", "Failed"
    DEAD = "dead", "Interrupted"


class RunCause(models.TextChoices):
    """Why a run could not end its work, where that is known: the source did not answer, it refuses us, or the requests
    of the day are used up.
    """

    UNREACHABLE = "unreachable", "Source unreachable"
    REFUSED = "refused", "Right lost"
    LIMIT = "limit", "Limit reached"


class Run(models.Model):
    """One piece of work. The row is the truth; a queue entry is only a doorbell that carries its id.

    `subject` is the source's name for a sync, "salesforce" for a push, empty for a rollup. `problem`, `meaning` and
    `remedy` tell a person what happened, what it means and what to do. `not_before` holds back a retry.
    """

    kind = models.CharField(max_length=10, choices=RunKind.choices)
    subject = models.CharField(max_length=60, default="", blank=True)
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    options = models.JSONField(default=dict, blank=True)
    requested_by = models.CharField(max_length=150, default="", blank=True)
    requested_at = models.DateTimeField(auto_now_add=True)
    not_before = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    problem = models.TextField(default="", blank=True)
    meaning = models.TextField(default="", blank=True)
    remedy = models.TextField(default="", blank=True)
    cause = models.CharField(max_length=12, default="", blank=True, choices=RunCause.choices)
    api_calls = models.PositiveIntegerField(default=0)
    accounts_touched = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "hub_run"
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "subject", "-id"], name="hub_run_latest")]
        constraints = [
            # Fifty clicks on "sync now" make one waiting run.
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(status="queued"),
                name="hub_run_one_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject} #{self.pk}".replace("  ", " ")


class StreamRun(models.Model):
    """What one run did with one stream, in rows. read = inserted + updated + unchanged + rejected + duplicates.

    `api_calls` are requests to the source. `bytes_read` are those of the answers where an ERP is asked over HTTP, else
    those of the rows as text on their way to the stage. Both are null where they were not counted: before there was
    such a count, and for lines that came with their documents, which count for both.
    """

    run_ref = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="streams", db_column="run_id")
    stream = models.CharField(max_length=100)
    mode = models.CharField(max_length=12)
    read = models.PositiveIntegerField(default=0)
    inserted = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    cursor_before = models.CharField(max_length=80, default="", blank=True)
    cursor_after = models.CharField(max_length=80, default="", blank=True)
    seconds = models.FloatField(default=0)
    note = models.TextField(default="", blank=True)
    api_calls = models.PositiveIntegerField(null=True)
    bytes_read = models.BigIntegerField(null=True)

    class Meta:
        db_table = "hub_stream_run"
        ordering = ["id"]
        indexes = [models.Index(fields=["stream", "mode", "-id"], name="hub_stream_run_usual")]


class StreamState(models.Model):
    """Where a stream stands: its cursor and when it was last read. Moves only inside the publish transaction.

    `stream` is "<source>.<stream name>". `cursor` is the highest change mark fully present in the mirror, as the
    source writes it. `as_of` is the instant for which the source's content is known to be here (start of the last
    published read). `fingerprint` identifies the file last read. `columns` are the source's columns at the last read:
    one that vanishes stops the next run, a new one raises a notice.

    `since` is the earliest day of the documents that are here, `changed_at` the latest change mark among them.

    `shape` are all fields that a source's description named at the last read, with their types; `missing` are fields
    that can no longer be read, whose last values are kept until they are back.
    """

    stream = models.CharField(max_length=100, primary_key=True)
    source = models.CharField(max_length=40)
    cursor = models.CharField(max_length=80, default="", blank=True)
    fingerprint = models.CharField(max_length=80, default="", blank=True)
    as_of = models.DateTimeField(null=True, blank=True)
    full_as_of = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    columns = models.JSONField(default=list, blank=True)
    shape = models.JSONField(default=dict, blank=True)
    missing = models.JSONField(default=list, blank=True)
    since = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    attempted_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(default="", blank=True)

    class Meta:
        db_table = "hub_stream_state"


class ReadCheckpoint(models.Model):
    """How far a stream was read into its stage, written together with the rows: a read that was killed goes on here.

    `identity` is a hash of the question, of how it is read and of the mirror's state; another one starts anew. `place`
    is the source's own text for where to go on. `rows` are in the table `stage`; `as_of` is when the read began.
    `beside` holds table, columns and rows of each stream that comes with this one.
    """

    stream = models.CharField(max_length=100, primary_key=True)
    identity = models.CharField(max_length=64)
    stage = models.CharField(max_length=63)
    columns = models.JSONField(default=list)
    place = models.JSONField(default=dict)
    rows = models.BigIntegerField(default=0)
    without_nul = models.BigIntegerField(default=0)
    beside = models.JSONField(default=dict)
    as_of = models.DateTimeField()
    began_at = models.DateTimeField()

    class Meta:
        db_table = "hub_read_checkpoint"

    @property
    def stages(self) -> tuple[str, ...]:
        """Every table that it holds."""
        return (self.stage, *(each["stage"] for each in self.beside.values()))


class ReplayOutcome(models.TextChoices):
    """How a replay resolved a rejected row: its stored record was loaded, a newer version had overtaken it, or the
    stream's filters leave it out by now.
    """

    LOADED = "loaded", "Loaded by a replay"
    OVERTAKEN = "overtaken", "Overtaken by a newer version"
    FILTERED = "filtered", "Left out by a filter"


class RejectedRow(models.Model):
    """A row that could not be understood, whole and with its reason; `resolved_at` is set once the same row loads.

    `document` is the key of the document in quarantine that it belongs to. `replays` counts how often the stored record
    was tried again, the last time by the run `replayed_by`; `outcome` says how a replay resolved it.
    """

    run_ref = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rejected_rows", db_column="run_id")
    stream = models.CharField(max_length=100)
    key = KeyField(default="", blank=True)
    document = KeyField(default="", blank=True)
    position = models.BigIntegerField(null=True)
    column = models.CharField(max_length=80, default="", blank=True)
    reason = models.TextField()
    record = models.JSONField(default=dict)
    rejected_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=ReplayOutcome.choices, default="", db_default="", blank=True)
    replays = models.PositiveSmallIntegerField(default=0, db_default=0)
    replayed_by = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "hub_rejected_row"
        ordering = ["id"]
        indexes = [models.Index(fields=["stream", "key"], name="hub_rejected_key")]


class Reconciliation(models.Model):
    """Source beside mirror for one stream: row count, sums per currency and content hash, at one instant.

    `after_load`: compared right after a load, else on demand. `groups` are the differing companies, months and
    currencies (see reconcile_load.Difference), of `compared_groups` in all; 0 where the source cannot group.
    `hash_agrees` is null where the source computed no hash. `waiting` rows are in quarantine: they are left out on both
    sides. `since` is when the stream began to differ. A difference is `confirmed` when source and mirror were looked at
    in one snapshot, or when it was there the last time too: then it stops the push.
    """

    run_ref = models.ForeignKey(
        Run, on_delete=models.CASCADE, null=True, related_name="reconciliations", db_column="run_id"
    )
    stream = models.CharField(max_length=100)
    checked_at = models.DateTimeField(auto_now_add=True)
    source_rows = models.BigIntegerField(null=True)
    mirror_rows = models.BigIntegerField(null=True)
    source_sums = models.JSONField(default=dict)
    mirror_sums = models.JSONField(default=dict)
    agrees = models.BooleanField()
    detail = models.TextField(default="", blank=True)
    after_load = models.BooleanField(default=False)
    groups = models.JSONField(default=list, blank=True)
    compared_groups = models.PositiveIntegerField(default=0)
    hash_agrees = models.BooleanField(null=True)
    waiting = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(null=True, blank=True)
    confirmed = models.BooleanField(default=False)

    class Meta:
        db_table = "hub_reconciliation"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["stream", "-id"], name="hub_reconciliation_latest"),
            models.Index(
                fields=["-id"], condition=models.Q(agrees=False, confirmed=True), name="hub_reconciliation_differs"
            ),
        ]


class Notice(models.Model):
    """Something an administrator should know, until it no longer holds (`cleared_at`). One open notice per subject
    and code.
    """

    subject = models.CharField(max_length=100)
    code = models.CharField(max_length=120)
    text = models.TextField()
    remedy = models.TextField(default="", blank=True)
    raised_at = models.DateTimeField(auto_now_add=True)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "hub_notice"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "code"],
                condition=models.Q(cleared_at=None),
                name="hub_notice_open_once",
            )
        ]
