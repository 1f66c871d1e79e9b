"""Adds to the audit, in the transaction of the act that is told of: both are there, or neither is."""

import logging
import re
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from integration_hub import locks
from integration_hub.audit.acting import acts_from, who_acts
from integration_hub.audit.chain import FIELDS, GENESIS, instant, plain, seal, text
from integration_hub.models import AuditRow

log = logging.getLogger(__name__)
LOCK = "audit"
VERB = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
OK, REFUSED = "ok", "refused"
# More of the same within so long tell nothing new, and would let a visitor fill the disk.
FLOOD, FLOOD_OVER = 30, timedelta(minutes=10)


def record(
    what: str,
    kind: str = "",
    object_id: str | int = "",
    *,
    before: Any = None,
    after: Any = None,
    result: str = OK,
    run: int | None = None,
    who: str | None = None,
) -> AuditRow:
    """Add a row to the chain. `what` is a verb as "schedule.paused"; `before` and `after` are small (chain.plain) and
    hold no secret. Without `who` it is the login of the request that is being answered.

    Call it last in the transaction of the act: from then to the commit everybody else who records waits.
    """
    if not VERB.fullmatch(what):
        raise ValueError(f"{what!r} is no verb of the audit, such as schedule.paused")
    with transaction.atomic():
        locks.wait_in_transaction(LOCK)
        last = AuditRow.objects.order_by("-sequence").values_list("sequence", "hash").first()
        sequence, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
        values = {
            "sequence": sequence,
            "at": instant(timezone.now()),
            "who": text(who_acts() if who is None else who, 150),
            "ip": text(acts_from(), 45),
            "what": what,
            "kind": text(kind, 40),
            "object": text(str(object_id), 200),
            "before": plain(before),
            "after": plain(after),
            "result": result,
            "run": run,
            "previous": previous,
        }
        row = AuditRow(**values, hash=seal(tuple(values[name] for name in FIELDS)))
        row.save(force_insert=True)
    return row


def record_refusal(what: str, kind: str = "", object_id: str | int = "", *, after: Any = None, who: str = "") -> None:
    """Record something that was refused, on its own: there is no act. Of one login and address no more than thirty in
    ten minutes, the last of which says so. A database that takes no writes never keeps an answer from being sent.
    """
    try:
        recent = AuditRow.objects.filter(
            what=what, who=who or who_acts(), ip=acts_from(), at__gt=timezone.now() - FLOOD_OVER
        )
        known = recent.count()
        if known > FLOOD:
            return
        if known == FLOOD:
            after = {"note": "Further ones in these ten minutes are not written down."}
        record(what, kind, object_id, after=after, result=REFUSED, who=who or None)
    except DatabaseError as error:
        log.warning("%s of %s was not written into the audit: %s", what, who or who_acts() or "a visitor", error)
