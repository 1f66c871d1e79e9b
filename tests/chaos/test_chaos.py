"""A short seeded run finds nothing; a run with a planted bug finds it. The long one is `make chaos`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLANTED = {
    "cursor_before_commit": "3",
    "old_customer_forgotten": "5",
    "answers_by_position": "6",
    "lock_ignored": "4",
    "sent_before_written_down": "7",
    "erp_rows_lost": "1",
    "salesforce_values_lost": "1",
    "switch_ignored": "15",
}
pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def raged(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """A run without a bug, and one with each of them, in one installation in a process of its own: result and table."""
    planted = ",".join(PLANTED)
    told = tmp_path_factory.mktemp("chaos") / "result.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.chaos", "--kills", "100", "--seed", "7"),
            *("--plants", planted),
            "--json",
            told,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1700,
        check=False,
    )
    assert told.exists(), done.stderr[-4000:]
    result: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    assert done.returncode == bool(result["violations"]), done.stderr[-4000:]
    return result, done.stdout


def test_a_hundred_kills_violate_nothing(raged: tuple[dict[str, Any], str]) -> None:
    result, table = raged
    assert result["violations"] == {}, table
    assert result["kills"] >= 100
    assert result["strikes"]["restart PostgreSQL"] >= 3
    assert result["strikes"]["FLUSHALL"] >= 1
    assert sum(result["faults"].values()) > 0
    assert all(times > 0 for times in result["checks"].values())


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_bug_is_found(raged: tuple[dict[str, Any], str], plant: str) -> None:
    result, table = raged
    assert PLANTED[plant] in result["planted"][plant], table
