"""What matching keeps of ERP customers and accounts: made from the mirror, and made anew from it at any time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from integration_hub.models.common import KeyField


class MatchSide(models.TextChoices):
    """Which of the two systems a record is of."""

    ERP = "e", "ERP customer"
    ACCOUNT = "a", "Account"


class MatchRecord(models.Model):
    """A live ERP customer or account, made comparable (customers/matching/facts.py says the shape of `facts`).

    `print` is a hash of the mirror's texts that it was made of: where they differ it is made anew. `blocks` are its
    rows in match_block. `due` says that an ERP customer's proposals are still to be found; it stays so while linked.
    """

    side = models.CharField(max_length=1, choices=MatchSide.choices)
    key = KeyField()
    print = models.UUIDField()
    facts = models.JSONField()
    blocks = ArrayField(models.BigIntegerField())
    due = models.BooleanField(default=True)

    class Meta:
        db_table = "match_record"
        constraints = [models.UniqueConstraint(fields=["side", "key"], name="match_record_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(side=MatchSide.ERP, due=True), name="match_record_due")
        ]


class MatchBlock(models.Model):
    """A record has this block (customers/matching/blocks.py); in order of the blocks, to find who shares one."""

    pk = models.CompositePrimaryKey("block", "side", "record")
    block = models.BigIntegerField()
    side = models.CharField(max_length=1, choices=MatchSide.choices)
    record = models.BigIntegerField()

    class Meta:
        db_table = "match_block"


class MatchState(models.Model):
    """One row: whether something waits for the matching run (`pending`), whether records are behind the mirror
    (`behind`), and whether match_block is behind the records, being filled (`filling`).
    """

    pending = models.BooleanField(default=False)
    behind = models.BooleanField(default=False)
    filling = models.BooleanField(default=False)
    matched_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "match_state"
