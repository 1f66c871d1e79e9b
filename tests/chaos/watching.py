"""The invariants that hold at every moment, looked at while everything is being killed: each look is one snapshot."""

import contextlib
import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection as own

from tests.chaos import figures
from tests.chaos.events import Reader
from tests.chaos.org import PUSHED, Salesforce
from tests.chaos.plain import plain
from tests.chaos.processes import is_alive
from tests.chaos.violations import Found

if TYPE_CHECKING:
    # Models can be imported only when the world is there.
    from integration_hub.audit.verifying import Head

MIRRORS = (
    ("erp.debtors", "erp_customer"),
    ("erp.bills", "erp_invoice"),
    ("erp.items", "erp_open_item"),
    ("erp.orders", "erp_order"),
    ("salesforce.Account", "sf_account"),
    ("salesforce.User", "sf_user"),
)
PUBLISHED = "('succeeded', 'partial')"
GRACE = timedelta(seconds=3)
"""What had left when the push was stopped may still arrive; the org's clock shows whole seconds."""
IN_FLIGHT_SECONDS = 5.0
"""What a push that was killed had sent may arrive between what the next one reads and what it plans."""
Change = tuple[str, str, str | None, int]
"""Account, field, value and plan."""


class Watch:
    """Looks at the database, the org and what processes tell, and remembers what must never change again."""

    def __init__(self, url: str, salesforce: Salesforce, reader: Reader, found: Found) -> None:
        self.url, self.salesforce, self.reader, self.found = url, salesforce, reader, found
        self.doing: dict[int, dict[str, Any]] = {}
        """Process id -> the run it has begun and not ended."""
        self.deaths: list[str] = []
        """Places where runs killed themselves."""
        self.begun: list[dict[str, Any]] = []
        self.ended: dict[int, float] = {}
        """Process id -> when its run had ended (monotonic)."""
        self.last_end = 0.0
        self.sessions_lost_at = 0.0
        """When database sessions were last cut, by a restart or otherwise: then a run has lost its lock."""
        self.stopped_from: datetime | None = None
        self.stops: list[tuple[datetime, datetime]] = []
        self.left_by: dict[int, float] = {}
        """Process id -> when values last left it (monotonic)."""
        self.head: Head | None = None
        """The end of the audit as it was verified last."""
        self._done: dict[int, Change] = {}
        self._plans: dict[int, float] = {}
        """Plan -> when it was not there yet (monotonic)."""
        self._looked = 0.0

    def look(self) -> None:
        """One look at the database. Raises psycopg.Error while it is away."""
        with self.snapshot() as connection:
            self._unpublished(connection)
            self._cursors(connection)
            self._figures(connection)
            self._tries(connection)
            self._counts(connection)
        self.found.looked(4)
        self.listen()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[psycopg.Connection]:
        """All that is asked in the block belongs to one instant."""
        with psycopg.connect(self.url) as connection:
            connection.execute("set transaction isolation level repeatable read read only")
            yield connection

    def _unpublished(self, connection: psycopg.Connection) -> None:
        self.found.looked(2)
        for _, table in MIRRORS:
            for run, status in connection.execute(
                f"select distinct m.run, r.status from {table} as m left join hub_run as r on r.id = m.run"
                f" where r.status is null or r.status not in {PUBLISHED}".encode()
            ):
                self.found.add(2, f"{table} shows rows of run {run}, which is {status}")

    def _cursors(self, connection: psycopg.Connection) -> None:
        self.found.looked(3)
        for stream, table in MIRRORS:
            # Of an empty table there is no latest row, and every mark is ahead of it.
            latest_here = f"(select coalesce(max(source_modified_at), '-infinity') from {table})"
            for cursor, latest in connection.execute(
                f"select s.cursor, {latest_here}::text from hub_stream_state as s"
                f" where s.stream = %s and s.cursor <> '' and s.cursor::timestamptz > {latest_here}".encode(),
                [stream],
            ):
                self.found.add(3, f"{stream} goes on at {cursor}, but the latest row that is here is of {latest}")

    def _figures(self, connection: psycopg.Connection) -> None:
        self.found.looked(5, 11)
        day = figures.current_day(connection)
        if day is None:
            return
        shown, right = figures.stored(connection, day), figures.computed(connection, day)
        for words in figures.differences(shown, right):
            self.found.add(5, words)
        for name in figures.NAMES:
            total, whole = (sum(each[name] for each in group.values()) for group in (shown, right))
            if total != whole:
                self.found.add(11, f"{name} of all customers: {total}, of the mirror: {whole}")

    def _tries(self, connection: psycopg.Connection) -> None:
        self.found.looked(9)
        for run, attempt in connection.execute("select id, attempt from hub_run where attempt > 4"):
            self.found.add(9, f"run {run} is attempt {attempt}")
        for account in connection.execute(
            "select account from hub_parked_row where resolved_at is null and (code = '' or cause = '')"
        ):
            self.found.add(9, f"{account[0]} is parked without a reason")
        # Who can help is said by code, in a registry with a test of its own.
        for account, first, last, attempts, pushes in connection.execute(
            "select account, first_at, last_at, attempts, (select count(*) from hub_push_plan as p"
            " where p.status <> 'dry') from hub_parked_row where resolved_at is null"
        ):
            if first > last:
                self.found.add(9, f"{account} is parked since {first}, and was refused last at {last}")
            if not 1 <= attempts <= pushes:
                self.found.add(9, f"{account} was refused {attempts} times in {pushes} pushes")

    def _counts(self, connection: psycopg.Connection) -> None:
        self.found.looked(10)
        for stream, run in connection.execute(
            "select stream, run_id from hub_stream_run"
            " where read <> inserted + updated + unchanged + rejected + duplicates"
        ):
            self.found.add(10, f"{stream} in run {run}: what was read is not what became of it")
        for (run,) in connection.execute(
            "select id from hub_run where status not in ('queued', 'running') and finished_at is null"
        ):
            self.found.add(10, f"run {run} has ended at no time")

    def listen(self) -> None:
        """Take in what processes told: among it two living ones at the same run, though both still have the database
        sessions they began with.
        """
        for event in self.reader.new():
            if event["what"] == "begin":
                self.begun.append(event)
                self._alone(event)
                self.doing[event["pid"]] = event
            elif event["what"] == "end":
                self.last_end = self.ended[event["pid"]] = event["at"]
                self.doing.pop(event["pid"], None)
            elif event["what"] == "died":
                self.deaths.append(event["place"])
            elif event["what"] == "leaving":
                self.left_by[event["pid"]] = event["at"]
            elif event["what"] == "unintended":
                self.found.add(7, f"values left that were not written down: {event['values'][:80]}")
            elif event["what"] == "unneeded":
                self.found.add(8, f"it stood there when it was planned: {event['values'][:80]}")
            elif event["what"] == "tried":
                self.found.add(9, f"{event['account']} was sent {event['times']} times in one run")
            elif event["what"] == "despite":
                self.found.add(15, f"values left {event['words']}")

    def sending(self) -> bool:
        """Whether a push that is under way has begun to send."""
        return any(
            event["kind"] == "push" and self.left_by.get(pid, 0.0) > event["at"] and is_alive(pid)
            for pid, event in self.doing.items()
        )

    def pushed_since(self, at: float) -> bool:
        """Whether a push that began after that instant (monotonic) has come to its end."""
        return any(
            event["kind"] == "push" and at < event["at"] < self.ended.get(event["pid"], 0.0) for event in self.begun
        )

    def _alone(self, event: dict[str, Any]) -> None:
        for pid, other in self.doing.items():
            same = (other["kind"], other["subject"]) == (event["kind"], event["subject"])
            if same and pid != event["pid"] and is_alive(pid) and other["at"] > self.sessions_lost_at:
                self.found.add(4, f"runs {other['run']} and {event['run']} ({event['kind']}) at the same time")

    def writes(self) -> None:
        """What was written in the org since the last look, beside what was intended and acknowledged."""
        self.found.looked(6, 7, 13, 15)
        began = datetime.now(UTC) - timedelta(seconds=1)
        looked = time.monotonic()
        with self.snapshot() as connection:
            for (plan,) in connection.execute("select id from hub_push_plan"):
                self._plans.setdefault(plan, self._looked)
            done = connection.execute(
                "select id, account, field, after, plan_id from hub_push_change where status = 'done'"
            ).fetchall()
        lines = self.salesforce.history()
        with self.snapshot() as connection:
            intended = connection.execute("select account, field, after from hub_push_change").fetchall()
        self._audit({row[0]: row[1:] for row in done})
        self._looked = looked
        known = {(account, field, plain(after)) for account, field, after in intended}
        for line in lines:
            if line["CreatedById"] == self.salesforce.integration_user:
                self._intended(line, known)
                self._not_stopped(line, began)

    def _audit(self, done: dict[int, Change]) -> None:
        for change, row in done.items():
            if change in self._done:
                if self._done[change] != row:
                    self.found.add(13, f"change {change} was rewritten")
                continue
            account, field, after, plan = row
            written = self.salesforce.seen.get((account, field), {None: math.inf}).get(plain(after), -math.inf)
            if written < self._plans[plan] - IN_FLIGHT_SECONDS:
                self.found.add(
                    6, f"{field} of {account}: {after} was acknowledged, and not written since it was planned"
                )
        for change in self._done.keys() - done.keys():
            self.found.add(13, f"change {change} was written, and is no longer told")
        self._done = done

    def _intended(self, line: Any, known: set[tuple[str, str, str | None]]) -> None:
        account, field, value = line["AccountId"], line["Field"], plain(line["NewValue"])
        if field not in PUSHED:
            self.found.add(7, f"{field} of {account} was written, which is none of the pushed fields")
        elif (account, field, value) not in known:
            self.found.add(7, f"{field} of {account} was set to {value} without an intent")

    def _not_stopped(self, line: Any, now: datetime) -> None:
        written = datetime.fromisoformat(line["CreatedDate"][:19]).replace(tzinfo=UTC)
        spans = [*self.stops, *([(self.stopped_from, now)] if self.stopped_from else [])]
        if any(since + GRACE < written < until for since, until in spans):
            self.found.add(15, f"{line['Field']} of {line['AccountId']} was written at {written:%H:%M:%S}")

    def audit(self) -> None:
        """I13: every link of the audit's chain holds, and what was verified before is still in it."""
        self.found.looked(13)
        try:
            from integration_hub.audit.verifying import verify

            verified = verify(self.head)
        finally:
            own.close()
        if not verified.is_whole:
            self.found.add(13, f"the audit's chain is broken: {verified.problem}")
        self.head = verified.head or self.head

    def lost_sessions(self) -> None:
        """Database sessions were cut just now."""
        self.sessions_lost_at = time.monotonic()
