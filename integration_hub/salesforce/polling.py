"""Waits for a Bulk 2.0 job to end, with growing pauses and a deadline."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from integration_hub.salesforce.connection import Connection
from integration_hub.salesforce.errors import NOTHING_CHANGED, SalesforceProblem, not_readable

COMPLETE, FAILED, ABORTED, OPEN = "JobComplete", "Failed", "Aborted", "Open"
TERMINAL = frozenset({COMPLETE, FAILED, ABORTED})
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
DEADLINE_SECONDS = 3600.0

JobInfo = dict[str, Any]


def job_info(connection: Connection, path: str) -> JobInfo:
    """The job as Salesforce sees it now. Counts may be absent."""
    info = connection.json("GET", path)
    if not isinstance(info, dict) or not info.get("state"):
        raise not_readable("Salesforce answered a question about a Bulk job with something else.")
    return info


def wait_for_end(connection: Connection, path: str, *, going: Callable[[], bool] = lambda: True) -> JobInfo:
    """Ask until the job has ended, well or not, or until `going`, asked before every poll, says no.

    Raises SalesforceProblem when it has not ended within an hour.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    for pause in _pauses():
        wanted = going()
        info = job_info(connection, path)
        if info["state"] in TERMINAL or not wanted:
            return info
        if time.monotonic() + pause > deadline:
            break
        time.sleep(pause)
    raise SalesforceProblem(
        f"Salesforce's Bulk job {path.rpartition('/')[2]} has not ended after {DEADLINE_SECONDS / 60:.0f} minutes.",
        f"The org is busy. The job itself goes on in Salesforce. {NOTHING_CHANGED}",
        "Nothing to do at first: the next run looks again. See Bulk Data Load Jobs in Salesforce's setup if it stays.",
        transient=True,
    )


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)
