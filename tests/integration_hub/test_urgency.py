"""Work in the background is less urgent than pages."""

import subprocess
import sys
from pathlib import Path

import pytest

from integration_hub.urgency import LESS_URGENT, NOT_URGENT

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import os, sys
from pathlib import Path
from integration_hub.urgency import yield_to_pages
yield_to_pages(int(sys.argv[1]))
group = Path("/proc/self/autogroup")
print(os.getpriority(os.PRIO_PROCESS, 0), group.read_text().split()[-1] if group.exists() else sys.argv[1])
"""


@pytest.mark.parametrize("much", [LESS_URGENT, NOT_URGENT])
def test_a_process_that_yields_is_less_urgent_and_so_is_a_session_of_its_own(much: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(much)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert done.stdout.split() == [str(much), str(much)]
