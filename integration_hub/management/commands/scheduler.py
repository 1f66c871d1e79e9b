"""manage.py scheduler: tick every minute, and look for dead workers every second, until stopped."""

import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connection

from integration_hub import locks
from integration_hub.installation import notify, release
from integration_hub.schedule import LEAD, Ticked, tick, watch
from integration_hub.trouble import explain

LOOK_SECONDS = 1.0
SILENT_SECONDS = 60.0
"""A leading scheduler whose session asks nothing for so long hangs: another one ends its session."""


class Command(BaseCommand):
    """Starts what is due and buries what is dead. Of several only one works; the others wait for its end."""

    silent = SILENT_SECONDS
    session: object = None
    """The connection that holds the lead; None without it."""

    help = "Start what is due, ring for what waits, bury what is dead: every minute, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=60, help="time between two ticks (default: 60)")
        parser.add_argument(
            "--silent", type=float, default=SILENT_SECONDS, help="seconds until one that hangs loses the lead (60)"
        )
        parser.add_argument("--once", action="store_true", help="tick once and end")

    def handle(self, *args: Any, seconds: float, silent: float, once: bool, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        if once:
            close_old_connections()
            self._work(tick_due=True)
            return
        release.note_loaded()
        self.silent, next_tick = silent, 0.0
        notify.tell(notify.READY)
        while not stopped.is_set():
            # A loop that goes round no more is ended by systemd (WatchdogSec), and started anew.
            notify.tell(notify.ALIVE)
            tick_due = time.monotonic() >= next_tick
            if self._lead() and self._work(tick_due=tick_due) and tick_due:
                next_tick = time.monotonic() + seconds
            elif self.session is None:
                # Whoever takes over ticks at once.
                next_tick = 0.0
            stopped.wait(min(LOOK_SECONDS, seconds))

    def _lead(self) -> bool:
        """Whether this process works. The lead is a lock of its session: free the moment process or session is gone."""
        try:
            if connection.connection is not None and not connection.is_usable():
                connection.close()
            if self.session is None or self.session is not connection.connection:
                leads = locks.try_lock(LEAD) or self._taken_over()
                self.session = connection.connection if leads else None
        except DatabaseError as error:
            self.session = None
            self.stderr.write(str(explain(error)))
        return self.session is not None

    def _taken_over(self) -> bool:
        """Take the lead from a process that hangs: one that works asks the database every second."""
        if not locks.end_silent_holder(LEAD, self.silent):
            return False
        self.stderr.write(f"The scheduler that led was silent for {self.silent:.0f} seconds: this one takes over.")
        # Its session takes a moment to end.
        for _ in range(20):
            if locks.try_lock(LEAD):
                return True
            time.sleep(0.05)
        return False

    def _work(self, *, tick_due: bool) -> bool:
        """One look; a database that is away is waited for, everything else is a bug and ends the process."""
        try:
            if tick_due and (differs := release.difference()):
                raise SystemExit(f"{differs} The scheduler ends; its supervisor starts it anew.")
            done = tick() if tick_due else Ticked(buried=watch())
        except DatabaseError as error:
            self.session = None
            self.stderr.write(str(explain(error)))
            return False
        for line in _lines(done):
            self.stdout.write(line)
        return True


def _lines(done: Ticked) -> list[str]:
    lines = [f"requested: {name}" for name in done.requested]
    lines += [f"run {number} was interrupted; a new one takes over" for number in done.buried]
    if not done.redis_answers:
        lines.append("Redis does not answer: runs wait in PostgreSQL until it does")
    return lines
