"""Work in the background is less urgent than pages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from integration_hub.urgency import LESS_URGENT, NOT_URGENT, leave_processors_free

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import os, sys
from pathlib import Path
from integration_hub.urgency import yield_to_pages
yield_to_pages(int(sys.argv[1]))
group = Path("/proc/self/autogroup")
print(os.getpriority(os.PRIO_PROCESS, 0), group.read_text().split()[-1] if group.exists() else sys.argv[1])
"""


def looked(much: int, *before: str) -> list[str]:
    """The priorities of a process and of its session once it has yielded."""
    done = subprocess.run(
        [*before, sys.executable, "-c", LOOK, str(much)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize("much", [LESS_URGENT, NOT_URGENT])
def test_a_process_that_yields_is_less_urgent_and_so_is_a_session_of_its_own(much: int) -> None:
    wanted = max(much, os.getpriority(os.PRIO_PROCESS, 0))
    assert looked(much) == [str(wanted), str(wanted)]


def test_what_was_started_as_less_urgent_still_stays_so() -> None:
    # An ordinary user could not make it more urgent: every job failed where the worker was started by nice.
    assert looked(LESS_URGENT, "nice", "-n", "19") == ["19", "19"]


@pytest.mark.django_db(transaction=True)
def test_statements_in_the_background_leave_the_other_processors_to_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", dict(connection.settings_dict["OPTIONS"]))
    try:
        leave_processors_free()
        leave_processors_free()
        with connection.cursor() as cursor:
            cursor.execute("show max_parallel_workers_per_gather")
            assert cursor.fetchone() == ("0",)
        assert connection.settings_dict["OPTIONS"]["options"].count("max_parallel") == 1
    finally:
        connection.close()
