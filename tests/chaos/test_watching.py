"""What the watch over a run calls a violation, where a database question could answer nothing at all."""

import pytest
from django.db import connection

from integration_hub.models import StreamState
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
