"""`make chaos`: kills processes, restarts servers and loses answers at random, and watches the invariants.

    python -m tests.chaos --kills 1000 --seed 7

Ends with 1 when an invariant was violated. The same seed makes the same schedule; which statement a kill meets is up to
the machine.
"""

import argparse
import json
import math
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> int:
    """Run, and print the table."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--restarts", type=int, help="of PostgreSQL (4 per 100 kills)")
    parser.add_argument("--flushes", type=int, help="of Valkey (2 per 100 kills)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="it ends then, with fewer kills if need be")
    parser.add_argument("--plant", default="", help="a bug of tests/chaos/plants.py")
    parser.add_argument("--json", type=Path, help="where the result is written as well")
    parser.add_argument("--log", type=Path, help="where the output of all processes is kept")
    chosen = parser.parse_args(arguments)

    from tests.chaos.report import result, table
    from tests.chaos.world import world

    began = time.monotonic()
    with world(chosen.seed, chosen.plant) as made:
        from tests.chaos.driver import Driver, Schedule

        share = chosen.kills / 100
        strikes = {
            "restarts": round(4 * share) if chosen.restarts is None else chosen.restarts,
            "flushes": round(2 * share) if chosen.flushes is None else chosen.flushes,
            **{name: max(1, round(times * share)) for name, times in OTHERS.items()},
        }
        # A planted bug need be found only once.
        ends_at = began + chosen.minutes * 60
        enough = 1 if chosen.plant else 200
        schedule = Schedule(chosen.seed, chosen.kills, max(50, min(100, chosen.kills)), strikes, enough, ends_at)
        driver = Driver(made, schedule)
        try:
            driver.run()
        finally:
            if driver.pages is not None:
                driver.pages.stop()
            if chosen.log:
                shutil.copy(made.ground.folder / "processes.log", chosen.log)
        told = result(driver, time.monotonic() - began)
    print(table(told))
    if chosen.json:
        chosen.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 1 if told["violations"] else 0


OTHERS = {"backends": 1, "sessions": 2, "valkey": 1, "cuts": 6, "disks": 2, "pauses": 5, "stops": 1}
"""Strikes of each kind for 100 kills."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
