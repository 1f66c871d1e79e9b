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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chaos.driver import Driver
    from tests.chaos.world import World


def main(arguments: Sequence[str]) -> int:
    """Run, and print the table."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--restarts", type=int, help="of PostgreSQL (4 per 100 kills)")
    parser.add_argument("--flushes", type=int, help="of Valkey (2 per 100 kills)")
    parser.add_argument("--minutes", type=float, help="it ends then, with fewer kills if need be")
    parser.add_argument("--plants", default="", help="then these bugs of tests/chaos/plants.py, one after the other")
    parser.add_argument("--json", type=Path, help="where the result is written as well")
    parser.add_argument("--log", type=Path, help="where the output of all processes is kept")
    chosen = parser.parse_args(arguments)

    from tests.chaos.report import result, table
    from tests.chaos.world import world

    began = time.monotonic()
    with world(chosen.seed) as made:
        told: dict[str, Any] = {"violations": {}, "planted": {}}
        try:
            if chosen.kills:
                driver = _rage(made, chosen, math.inf if chosen.minutes is None else began + chosen.minutes * 60)
                told |= result(driver, time.monotonic() - began)
                print(table(told))
            for plant in filter(None, chosen.plants.split(",")):
                made.begin_anew(plant)
                driver = _rage(made, chosen, math.inf, enough=1)
                found = told["planted"][plant] = {str(each): words for each, words in driver.found.examples.items()}
                done = (
                    f"{driver.strikes.kills} kills, {len(driver.watch.ended)} of {len(driver.watch.begun)} runs ended"
                )
                print(f"{plant}: {found or 'not found'} ({done})", flush=True)
        finally:
            if chosen.log:
                shutil.copy(made.ground.folder / "processes.log", chosen.log)
    if chosen.json:
        chosen.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 1 if told["violations"] else 0


def _rage(made: "World", chosen: argparse.Namespace, ends_at: float, enough: int = 200) -> "Driver":
    """One run of the schedule, until so many violations were found."""
    from tests.chaos.driver import Driver, Schedule

    kills = chosen.kills if enough > 1 else PLANTED_KILLS
    share = kills / 100
    strikes = {
        "restarts": round(4 * share) if chosen.restarts is None else chosen.restarts,
        "flushes": round(2 * share) if chosen.flushes is None else chosen.flushes,
        **{name: max(1, round(times * share)) for name, times in OTHERS.items()},
    }
    if enough == 1:
        strikes |= PLANTED_STRIKES
    settle_every = PLANTED_SETTLES if enough == 1 else max(50, min(125, kills))
    driver = Driver(made, Schedule(chosen.seed, kills, settle_every, strikes, enough, ends_at))
    try:
        driver.run()
    finally:
        if driver.pages is not None:
            driver.pages.stop()
        driver.strikes.end_what_is_over(all_of_it=True)
    return driver


PLANTED_KILLS = 100
"""Within which a planted bug must be found."""
PLANTED_SETTLES = 30
"""After so many kills everything comes to rest there: some bugs show only then."""
PLANTED_STRIKES = {"stops": 3, "edits": 12}
"""How often somebody stops the push meanwhile: of the one that is under way then, nothing may be left to send. And how
often it gets something to send: of few pushes none may have accounts that are refused among others that are not.
"""
OTHERS = {"backends": 1, "sessions": 2, "valkey": 1, "cuts": 6, "disks": 2, "pauses": 5, "stops": 1, "edits": 2}
"""Strikes of each kind for 100 kills."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
