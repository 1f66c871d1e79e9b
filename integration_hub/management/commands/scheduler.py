"""manage.py scheduler: tick every minute until stopped."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from integration_hub.schedule import Ticked, tick
from integration_hub.trouble import explain


class Command(BaseCommand):
    """Starts what is due and buries what is dead, every minute."""

    help = "Start what is due, ring for what waits, bury what is dead: every minute, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=60, help="time between two ticks (default: 60)")
        parser.add_argument("--once", action="store_true", help="tick once and end")

    def handle(self, *args: Any, seconds: float, once: bool, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            self._tick()
            if once:
                return
            stopped.wait(seconds)

    def _tick(self) -> None:
        """One tick; a database that is away is waited for, everything else is a bug and ends the process."""
        close_old_connections()
        try:
            done = tick()
        except DatabaseError as error:
            self.stderr.write(str(explain(error)))
            return
        for line in _lines(done):
            self.stdout.write(line)


def _lines(done: Ticked) -> list[str]:
    lines = [f"requested: {name}" for name in done.requested]
    lines += [f"run {number} was interrupted; a new one takes over" for number in done.buried]
    if not done.redis_answers:
        lines.append("Redis does not answer: runs wait in PostgreSQL until it does")
    return lines
