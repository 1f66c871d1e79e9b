"""What the scheduler does for the audit: sees that the configuration changed, and writes the head into the log."""

import logging
from datetime import datetime, timedelta

from integration_hub.audit.configuration import note_configuration
from integration_hub.audit.verifying import head

log = logging.getLogger(__name__)
HEAD_EVERY = timedelta(hours=1)
_told: dict[str, datetime] = {}


def tick(now: datetime) -> list[str]:
    """Every minute; a head an hour. Logs are kept elsewhere: a chain that was cut off does not reach their head."""
    note_configuration(now)
    last = _told.get("head")
    if last is None or now - last >= HEAD_EVERY or now < last:
        newest = head()
        if newest is not None:
            log.info("Head of the audit: %s", newest)
        _told["head"] = now
    return []
