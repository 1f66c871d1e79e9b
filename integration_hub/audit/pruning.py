"""Removes old rows, which only the owner of the table can: the checkpoint that it writes begins the chain anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from integration_hub import locks
from integration_hub.audit.recording import LOCK, record
from integration_hub.audit.verifying import PRUNED, verify
from integration_hub.models import AuditRow

LEAST_DAYS = 400


class NotPruned(Exception):
    """Why nothing was removed."""


@dataclass(frozen=True)
class Pruned:
    """How many rows were removed, and the last of them."""

    rows: int
    last: int


def prune(days: int, now: datetime | None = None) -> Pruned:
    """Remove what is older than so many days, at least 400, after the chain was verified. Raises NotPruned."""
    if days < LEAST_DAYS:
        raise NotPruned(f"The audit is kept for at least {LEAST_DAYS} days; {days} are fewer.")
    verified = verify()
    if not verified.is_whole:
        raise NotPruned(f"The chain is broken, so nothing was removed. {verified.problem}")
    before = (now or timezone.now()) - timedelta(days=days)
    with transaction.atomic():
        locks.wait_in_transaction(LOCK)
        first_kept = AuditRow.objects.filter(at__gte=before).order_by("sequence").first()
        old = AuditRow.objects.order_by("-sequence")
        last = (old.filter(sequence__lt=first_kept.sequence) if first_kept else old).first()
        if last is None:
            return Pruned(0, 0)
        # First, so that it follows what is removed.
        _checkpoint(last, AuditRow.objects.filter(sequence__lte=last.sequence).count())
        with connection.cursor() as cursor:
            cursor.execute("alter table hub_audit disable trigger hub_audit_append_only")
            cursor.execute("delete from hub_audit where sequence <= %s", [last.sequence])
            rows = cursor.rowcount
            cursor.execute("alter table hub_audit enable always trigger hub_audit_append_only")
    return Pruned(rows, last.sequence)


def _checkpoint(last: AuditRow, rows: int) -> None:
    after = {"last": last.sequence, "hash": last.hash, "rows": rows, "until": last.at}
    record(PRUNED, "audit", "hub_audit", after=after)
