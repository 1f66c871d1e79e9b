"""What is looked at in a process of the product at the very moment when values leave it for Salesforce."""

import contextlib
import csv
import io
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import IO, Any

import psycopg

from tests.chaos import events
from tests.chaos.plain import plain

Value = tuple[str, str, str | None]
"""Account, field and value."""
MOST_TRIES = 8
"""Four for each plan, and a run may end an earlier plan before its own."""
SEEN_LATE = 1.0
"""Seconds that may pass from the instant that a stop carries until others can see it."""
PLANNED = (
    "select distinct on (c.account, c.field) c.account, c.field, c.before, c.after from hub_push_change as c"
    " join hub_push_plan as p on p.id = c.plan_id where c.status = 'sent' and {condition}"
    " order by c.account, c.field, c.id desc"
)


class Leaving:
    """Of one process: when it last asked whether it may send, and how often it sent to each account."""

    def __init__(self) -> None:
        self.asked: float | None = None
        self.tries: Counter[str] = Counter()

    def install(self) -> None:
        """Look whenever the product's own calls are made; what is wrong becomes an event."""
        from integration_hub.push import pushing
        from integration_hub.salesforce.client import Org
        from integration_hub.salesforce.connection import Connection

        update, upload, may_send = Org.update_collection, Connection.put_csv, pushing.may_send

        def update_collection(org: Any, sobject: str, rows: Sequence[Mapping[str, object]], **options: Any) -> Any:
            self._look("c.account = any(%s)", [row["Id"] for row in rows], rows)
            return update(org, sobject, rows, **options)

        def put_csv(connection: Any, path: str, body: IO[bytes]) -> Any:
            body.seek(0)
            rows = list(csv.DictReader(io.TextIOWrapper(_Kept(body.read()), encoding="utf-8", newline="")))
            self._look("p.job_id = %s", path.split("/")[2], rows)
            return upload(connection, path, body)

        def asks(*arguments: Any, **options: Any) -> bool:
            at = time.time()
            may = bool(may_send(*arguments, **options))
            self.asked = at if may else None
            return may

        for owner, name, value in (
            (Org, "update_collection", update_collection),
            (Connection, "put_csv", put_csv),
            (pushing, "may_send", asks),
        ):
            setattr(owner, name, value)

    def _look(self, condition: str, value: object, rows: Sequence[Mapping[str, object]]) -> None:
        """By a session of its own, which sees only what is committed."""
        events.write("leaving", accounts=len(rows))
        asked, self.asked = self.asked, None
        self.tries.update(str(row["Id"]) for row in rows)
        for account, times in self.tries.items():
            if times > MOST_TRIES:
                events.write("tried", account=account, times=times)
        if asked is None:
            events.write("despite", words="without asking whether the push is stopped")
        with contextlib.suppress(psycopg.Error), psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            planned = {
                (account, field): (plain(before), plain(after))
                for account, field, before, after in connection.execute(
                    PLANNED.format(condition=condition).encode(), [value]
                )
            }
            stop = connection.execute(
                "select is_on, extract(epoch from at) from hub_push_switch order by id desc limit 1"
            ).fetchone()
            for each in judge(rows, planned):
                events.write(each[0], values=each[1])
            if stop and not stop[0] and asked and asked > float(stop[1]) + SEEN_LATE:
                events.write("despite", words=f"{asked - float(stop[1]):.1f} s after the push was stopped")


class _Kept(io.BytesIO):
    """Bytes that a text reader may close."""


def judge(
    rows: Sequence[Mapping[str, object]], planned: Mapping[tuple[str, str], tuple[str | None, str | None]]
) -> list[tuple[str, str]]:
    """What is wrong with values that leave, beside what was written down of each before: (kind, words)."""
    found = []
    for account, field, value in _values(rows):
        before, after = planned.get((account, field), (None, None))
        if (account, field) not in planned or after != value:
            found.append(("unintended", f"{field} of {account}: {value}"))
        elif before == after:
            found.append(("unneeded", f"{field} of {account}: {value}"))
    return found


def _values(rows: Sequence[Mapping[str, object]]) -> list[Value]:
    """Each value that leaves. In a file an empty cell changes nothing, and #N/A empties the field."""
    return [
        (str(row["Id"]), name, None if value == "#N/A" else plain(value))
        for row in rows
        for name, value in row.items()
        if name not in ("Id", "attributes") and value != ""
    ]
