"""Work in the background comes after pages that people wait for."""

import logging
import os
from pathlib import Path

from django.db import connection

log = logging.getLogger(__name__)
ALONE = " -c max_parallel_workers_per_gather=0"
LESS_URGENT, NOT_URGENT = 5, 15
"""A third and a thirtieth of what a page gets while both want the processor."""


def yield_to_pages(much: int) -> None:
    """Make this process less urgent than others, for good; for the processes in which workers do their jobs."""
    # Whoever was started as less urgent still may not become more so, and an ordinary user could not.
    much = max(much, os.getpriority(os.PRIO_PROCESS, 0))
    os.setpriority(os.PRIO_PROCESS, 0, much)
    group = Path("/proc/self/autogroup")
    # Linux may weigh sessions instead of processes. A session that is the worker's alone is made less urgent as well.
    if os.getsid(0) in {os.getpid(), os.getppid()} and group.exists():
        try:
            group.write_text(str(much), encoding="ascii")
        except OSError as refused:
            log.info("the priority of the worker's session stays as it is: %s", refused)


def leave_processors_free() -> None:
    """Let each statement of this process take one processor of the database's server: PostgreSQL would lend it more,
    and take them from the statements of pages.
    """
    options = connection.settings_dict["OPTIONS"]
    if ALONE not in options.get("options", ""):
        options["options"] = options.get("options", "") + ALONE
        if not connection.in_atomic_block:
            connection.close()
