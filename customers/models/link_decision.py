"""What may belong together, and what people decided about it."""

from django.conf import settings
from django.db import models

from integration_hub.models.common import KeyField


class LinkProposal(models.Model):
    """An ERP customer that may be the company of an account; rewritten by every matching, so it holds no decision.

    `score` is 0 to 1. `certain` says that an exact identifier (checked VAT or registration number) is the same and
    nothing speaks against it, `shared` that it would be if no other record had the identifier. `evidence` is a list of
    {"field", "erp", "account", "verdict", "weight"}, the strongest first; verdict is "same", "similar", "different" or
    "missing".
    """

    erp_customer = KeyField()
    account = KeyField()
    score = models.DecimalField(max_digits=6, decimal_places=5)
    certain = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    evidence = models.JSONField(default=list)
    found_at = models.DateTimeField()

    class Meta:
        db_table = "link_proposal"
        constraints = [models.UniqueConstraint(fields=["erp_customer", "account"], name="link_proposal_once")]
        indexes = [
            models.Index(fields=["account"], name="link_proposal_account"),
            models.Index(fields=["-score", "id"], name="link_proposal_by_score"),
            models.Index(fields=["erp_customer"], condition=models.Q(certain=True), name="link_proposal_certain"),
            models.Index(fields=["erp_customer"], condition=models.Q(shared=True), name="link_proposal_shared"),
        ]


class LinkVerdict(models.TextChoices):
    """What somebody decided about an ERP customer: that it is an account's, that it is not that one's, that it needs
    no account, that its account is still to be created in Salesforce, or that several accounts share it.
    """

    ACCEPT = "accept", "Accepted"
    REJECT = "reject", "Rejected"
    IGNORE = "ignore", "Ignored"
    LATER = "later", "Account to be created"
    SHARE = "share", "Shared"


class LinkDecision(models.Model):
    """One decision; rows are only added, and taken back by filling `undone_*`. `account` is empty for ignore, later and
    share, whose accounts stand in LinkShare.

    `score` and `evidence` are what was shown when it was taken, null where nothing was proposed. Decisions of one bulk
    action share `batch`. `by` is null when the login was deleted; `by_name` still says who. At most one of accept,
    ignore, later and share is in force for an ERP customer: a later one takes the earlier back.

    A rule may hold since a day before it was decided, `valid_from`; `replaced` then says what it took the place of, as
    {"until": day, "periods": [...]}, so that taking it back brings that back.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=150)
    verdict = models.CharField(max_length=10, choices=LinkVerdict.choices)
    erp_customer = KeyField()
    account = KeyField(default="", blank=True)
    reason = models.TextField(default="", blank=True)
    score = models.DecimalField(max_digits=6, decimal_places=5, null=True)
    evidence = models.JSONField(null=True)
    batch = models.UUIDField(null=True, db_index=True)
    valid_from = models.DateField(null=True)
    replaced = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by_name = models.CharField(max_length=150, default="", blank=True)
    undone_reason = models.TextField(default="", blank=True)

    class Meta:
        db_table = "link_decision"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["erp_customer", "account"], name="link_decision_pair"),
            models.Index(fields=["account"], name="link_decision_account"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["erp_customer"],
                condition=models.Q(verdict__in=("accept", "share"), undone_at__isnull=True),
                name="link_decision_one_accepted",
            )
        ]
