"""What a segment's page says of its way to Salesforce."""

from dataclasses import dataclass

from customers.access import User
from customers.measures_text import SEGMENTS_SINCE, SENT_SEGMENTS
from customers.models import Segment
from customers.rules.keeping import may_send
from integration_hub.config import hub


@dataclass(frozen=True)
class Sending:
    """Whether a segment is sent, to which fields by their API names, and whether the reader may change that."""

    sent: bool
    names: tuple[str, ...]
    since: tuple[str, ...]
    may_send: bool


def sending_of(segment: Segment, user: User) -> Sending:
    """What the segment's page says."""
    push = hub().push

    def fields(measure: str) -> tuple[str, ...]:
        return tuple(each.field for each in push.fields if push.enabled and each.measure == measure)

    return Sending(segment.sent, fields(SENT_SEGMENTS.name), fields(SEGMENTS_SINCE.name), may_send(user))
