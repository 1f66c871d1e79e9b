"""A limit for the memory of the process that does one job, so that one that wants too much fails with a reason: without
it the kernel ends some process, perhaps the database.
"""

import resource
import sys
from pathlib import Path

MEGABYTE = 1024 * 1024
STATM = Path("/proc/self/statm")


def bound(megabytes: int) -> None:
    """Let this process take so much more than it has. Beyond it Python raises MemoryError, and so do libraries.

    Only Linux says how much a process has; elsewhere nothing is limited.
    """
    if not sys.platform.startswith("linux"):
        return
    has = int(STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = has + megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def unbound() -> None:
    """Lift the limit, to write down how the job failed."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
