"""What the watch over a run calls a violation, where a database question could answer nothing at all."""

import math
import time

import pytest
from django.db import connection

from integration_hub.models import StreamState
from tests.chaos.org import Salesforce
from tests.chaos.violations import Found
from tests.chaos.watching import Watch


@pytest.mark.django_db
def test_a_mark_that_moved_while_the_mirror_is_empty_is_ahead_of_its_rows() -> None:
    """As a cursor that is written before the first rows are."""
    found = Found()
    watch = Watch("", None, None, found)  # type: ignore[arg-type]  # neither is asked here
    connection.ensure_connection()
    watch._cursors(connection.connection)
    assert found.total == 0
    StreamState.objects.create(stream="erp.bills", cursor="2026-01-05T00:00:00+00:00")
    watch._cursors(connection.connection)
    assert found.counts[3] == 1, found.examples


def acknowledged_without_a_write(*, planned: float) -> int:
    """How much of a value that somebody saw just now is called a violation, by when its plan was not there yet."""
    found, org = Found(), Salesforce(None, None, 1)  # type: ignore[arg-type]  # neither is asked here
    org.seen["001", "Currency__c"] = {"EUR": time.monotonic()}
    watch = Watch("", org, None, found)  # type: ignore[arg-type]
    watch._plans[1] = planned
    watch._audit({1: ("001", "Currency__c", "EUR", 1)})
    return found.counts[6]


def test_a_value_that_stood_there_before_its_plan_was_made_is_not_written_by_it() -> None:
    """As one that a colleague changed since, and that an answer of another row calls written."""
    assert acknowledged_without_a_write(planned=0.0) == 0
    assert acknowledged_without_a_write(planned=math.inf) == 1
