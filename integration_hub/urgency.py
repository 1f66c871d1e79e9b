"""Work in the background comes after pages that people wait for."""

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)
LESS_URGENT, NOT_URGENT = 5, 15
"""A third and a thirtieth of what a page gets while both want the processor."""


def yield_to_pages(much: int) -> None:
    """Make this process less urgent than others, for good; for the processes in which workers do their jobs."""
    os.setpriority(os.PRIO_PROCESS, 0, much)
    group = Path("/proc/self/autogroup")
    # Linux may weigh sessions instead of processes. A session that is the worker's alone is made less urgent as well.
    if os.getsid(0) in {os.getpid(), os.getppid()} and group.exists():
        try:
            group.write_text(str(much), encoding="ascii")
        except OSError as refused:
            log.info("the priority of the worker's session stays as it is: %s", refused)
