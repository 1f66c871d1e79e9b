"""The table of a run: what was done to it, what was found, and how long it took to recover."""

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from tests.chaos.violations import INVARIANTS

if TYPE_CHECKING:
    from tests.chaos.driver import Driver
    from tests.chaos.visitor import Answer

RECOVERED_SECONDS = 10.0
WEB_SECONDS = DEAD_SECONDS = 5.0
INSTANTS = {
    "requested": "requested_at",
    "not_before": "not_before",
    "started": "started_at",
    "finished": "finished_at",
}


def result(driver: "Driver", seconds: float) -> dict[str, Any]:
    """Everything that is known of a run, as plain values."""
    driver.watch.look()
    answers = driver.pages.answers if driver.pages else []
    recovered = {
        "run known to be dead after its process was killed": known_dead(driver),
        "run taken over after its process was killed": taken_over(driver),
        "page answered after PostgreSQL was back": pages_back(driver, answers, "database"),
        "run done after PostgreSQL was back": runs_back(driver, "database"),
        "page answered after a web process was killed": pages_back(driver, answers, "web"),
    }
    told, excused = judge_pages(driver, answers)
    return {
        "seed": driver.schedule.seed,
        "seconds": round(seconds, 1),
        "kills": driver.strikes.kills,
        "strikes": dict(driver.strikes.done),
        "places": dict(Counter(driver.watch.deaths)),
        "faults": dict(driver.faults),
        "changes": dict(driver.changes),
        "runs": len(driver.watch.begun),
        "spent": {name: round(each, 1) for name, each in driver.spent.items()},
        "slow": slow(driver),
        "settlements": [round(each, 1) for each in driver.settlements],
        "pages": {"asked": len(answers), "not answered while a server was away": excused, "statuses": told},
        "recovery": {name: [round(each, 2) for each in sorted(times)] for name, times in recovered.items()},
        "checks": {str(number): driver.found.checks[number] for number in INVARIANTS},
        "violations": {str(number): count for number, count in sorted(driver.found.counts.items())},
        "examples": {str(number): words for number, words in driver.found.examples.items()},
    }


def judge_pages(driver: "Driver", answers: Sequence["Answer"]) -> tuple[dict[str, int], int]:
    """I12: nobody answers only while the web processes start again, "not available" only while the database is away.
    Everything else is a violation, an error page above all.
    """
    excused = 0
    driver.found.checks[12] += len(answers)
    for answer in answers:
        if answer.status == 200:
            continue
        if any(_overlaps(driver, outage, answer) for outage in driver.strikes.outages):
            excused += 1
            continue
        driver.found.add(12, f"{answer.path} was answered with {answer.status}")
    return {str(status): count for status, count in Counter(each.status for each in answers).items()}, excused


def _overlaps(driver: "Driver", outage: Any, answer: "Answer") -> bool:
    grace = {("database", 503): RECOVERED_SECONDS, ("web", 0): WEB_SECONDS}.get((outage.what, answer.status))
    return grace is not None and answer.asked < outage.until + grace and answer.answered > outage.since


def taken_over(driver: "Driver") -> list[float]:
    """Seconds from the kill of a run's process to the start of the next run of its kind and subject."""
    return [begun - at for at, _, begun in _taken_over(driver)]


def slow(driver: "Driver") -> list[dict[str, Any]]:
    """The runs whose taking over took longer than it should, with what else was done meanwhile: kills, outages, and
    what the ledger says of every run that waited or was at work, all in seconds after the kill.
    """
    found = []
    ledger = _ledger(driver)
    for at, event, begun in _taken_over(driver):
        if begun - at > DEAD_SECONDS:
            strikes = [round(each - at, 1) for each, _ in driver.strikes.killed if at < each < begun]
            outages = [each.what for each in driver.strikes.outages if at < each.until and each.since < begun]
            took = round(begun - at, 1)
            found.append({"run": event["run"], "kind": event["kind"], "of": event["subject"], "took": took})
            found[-1] |= {"kills": strikes, "outages": outages}
            found[-1]["meanwhile"] = [
                row | {name: round(row[name] - at, 1) for name in INSTANTS if row[name] is not None}
                for row in ledger
                if row["requested"] < begun and (row["finished"] is None or row["finished"] > at)
            ]
    return found


def _ledger(driver: "Driver") -> list[dict[str, Any]]:
    """Every run, with its instants by this process's clock."""
    instants = ", ".join(f"extract(epoch from {name}) as {short}" for short, name in INSTANTS.items())
    with driver.watch.snapshot() as snapshot:
        cursor = snapshot.cursor(row_factory=dict_row)
        rows = cursor.execute(
            f"select id, kind, subject, attempt, status, {instants} from hub_run order by id".encode()
        ).fetchall()
    here = time.time() - time.monotonic()
    return [row | {name: float(row[name]) - here for name in INSTANTS if row[name] is not None} for row in rows]


def _interrupted(driver: "Driver") -> Iterator[tuple[float, dict[str, Any]]]:
    """Each kill of a process in the middle of its run, with the run's beginning; those while the database was away, and
    those of a process that had ended its run and was about to leave, are no deaths of a run.
    """
    by_pid = {event["pid"]: event for event in driver.watch.begun}
    for at, pid in driver.strikes.killed:
        event = by_pid.get(pid)
        ended = driver.watch.ended.get(pid, math.inf)
        if event is not None and event["at"] < at < ended and not _database_away(driver, at):
            yield at, event


def _taken_over(driver: "Driver") -> Iterator[tuple[float, dict[str, Any], float]]:
    for at, event in _interrupted(driver):
        later = [each["at"] for each in driver.watch.begun if each["at"] > at and _same(each, event)]
        if later:
            yield at, event, min(later)


def known_dead(driver: "Driver") -> list[float]:
    """Seconds from the kill of a run's process to the moment when the run stands as dead in the database."""
    dead = {row["id"]: row["finished"] for row in _ledger(driver) if row["status"] == "dead"}
    return [max(0.0, dead[event["run"]] - at) for at, event in _interrupted(driver) if event["run"] in dead]


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (one["kind"], one["subject"]) == (other["kind"], other["subject"])


def _database_away(driver: "Driver", at: float) -> bool:
    return any(each.since - 1 < at < each.until + 3 for each in driver.strikes.outages if each.what == "database")


def pages_back(driver: "Driver", answers: Sequence["Answer"], what: str) -> list[float]:
    """Seconds from the return of a server to the first page asked for after it was taken away and answered."""
    good = [answer for answer in answers if answer.status == 200 and answer.path != "/healthz"]
    return _firsts(driver, what, [(answer.asked, answer.answered) for answer in good])


def runs_back(driver: "Driver", what: str) -> list[float]:
    """Seconds from the return of a server to the first run that was begun afterwards."""
    return _firsts(driver, what, [(event["at"], event["at"]) for event in driver.watch.begun])


def _firsts(driver: "Driver", what: str, spans: Iterable[tuple[float, float]]) -> list[float]:
    known = sorted(spans)
    found = []
    for outage in driver.strikes.outages:
        if outage.what == what:
            first = next((end for start, end in known if start >= outage.since), None)
            if first is not None:
                found.append(max(0.0, first - outage.until))
    return found


def table(told: dict[str, Any]) -> str:
    """The same for people."""
    lines = ["", f"Chaos, seed {told['seed']}: {told['kills']} kills in {told['seconds']:.0f} s", ""]
    lines += _rows(
        "what was done", {**told["strikes"], "kill by itself at a named place": sum(told["places"].values())}
    )
    lines += _rows("answers of Salesforce that went wrong", told["faults"])
    lines += _rows("changes meanwhile", told["changes"])
    lines += _rows("where the time went, seconds", {name: round(each) for name, each in told["spent"].items()})
    lines += ["", f"{'recovery, seconds':<52}{'times':>7}{'median':>9}{'p95':>9}{'most':>9}"]
    for name, times in told["recovery"].items():
        if times:
            middle, high = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))]
            lines.append(f"{name:<52}{len(times):>7}{middle:>9.2f}{high:>9.2f}{times[-1]:>9.2f}")
    rest = told["settlements"]
    lines.append(f"{'all agrees after the chaos ended':<52}{len(rest):>7}{sorted(rest)[len(rest) // 2]:>9.2f}")
    lines += ["", f"{'invariant':<60}{'looks':>8}{'violations':>12}"]
    for number, words in INVARIANTS.items():
        broken = told["violations"].get(str(number), 0)
        lines.append(f"{f'I{number}':<4}{words:<56}{told['checks'][str(number)]:>8}{broken:>12}")
        lines += [f"      {example}" for example in told["examples"].get(str(number), ())]
    pages = told["pages"]
    lines += ["", f"{told['runs']} runs; {pages['asked']} pages asked for: {pages['statuses']}"]
    total = sum(told["violations"].values())
    lines.append(f"{total or 'no'} violation{'' if total == 1 else 's'}")
    return "\n".join(lines)


def _rows(title: str, counts: dict[str, int]) -> list[str]:
    return ["", title, *(f"  {name:<50}{count:>7}" for name, count in sorted(counts.items()))]
