"""A long audit, made as the product seals its rows, and the time to verify it."""

import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

from integration_hub.audit.chain import FIELDS, GENESIS, seal
from tests.benchmarks._installation import child_environment

APPEND_ONLY = "alter table hub_audit enable always trigger hub_audit_append_only"
ROOT = Path(__file__).resolve().parents[2]
TARGET_SECONDS = 60.0
START = datetime(2026, 1, 1, tzinfo=UTC)


def verified(rows: int) -> dict[str, object]:
    """`manage.py audit --verify` in a process of its own, as an operator starts it; a changed row must be named."""
    head = _fill(rows)
    began, used = time.perf_counter(), _processor_seconds()
    said, code = _verify()
    seconds, used = time.perf_counter() - began, _processor_seconds() - used
    if code or f"{rows:,}" not in said:
        raise RuntimeError(said)
    middle = rows // 2
    _change(middle)
    said, code = _verify()
    return {
        "what": "audit --verify",
        "rows": rows,
        "seconds": round(seconds, 1),
        "processor_seconds": round(used, 1),
        "target": f"< {TARGET_SECONDS:.0f} s",
        "met": seconds < TARGET_SECONDS and code != 0 and str(middle) in said,
        "note": f"head {head[:8]}; then row {middle:,} was changed, and named",
    }


def _fill(rows: int) -> str:
    """Rows about runs, exports and links, as long as real ones. Returns the newest hash."""
    previous = GENESIS
    with connection.cursor() as cursor:
        cursor.execute("alter table hub_audit disable trigger user")
        cursor.execute("truncate hub_audit")
        with cursor.copy(f"copy hub_audit ({', '.join(FIELDS)}, hash) from stdin") as copy:
            for number in range(1, rows + 1):
                at = START + timedelta(seconds=number, microseconds=number % 1_000_000)
                after = {"account": f"001Dn{number:010}IAA", "erp_customer": f"erp:{number}", "score": number % 100}
                values = (
                    number, at, f"user{number % 40}", "10.0.0.7", "link.accepted", "link", str(number),
                    None, after, "ok", None, previous,
                )  # fmt: skip
                digest = seal(values)
                texts = [json.dumps(each) if isinstance(each, dict) else each for each in values]
                copy.write_row([*texts, digest])
                previous = digest
        cursor.execute(APPEND_ONLY)
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) hub_audit")
    return previous


def _change(sequence: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table hub_audit disable trigger user")
        cursor.execute("update hub_audit set who = 'nobody' where sequence = %s", [sequence])
        cursor.execute(APPEND_ONLY)


def _verify() -> tuple[str, int]:
    done = subprocess.run(
        [sys.executable, "manage.py", "audit", "--verify"],
        cwd=ROOT,
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
