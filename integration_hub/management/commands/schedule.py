"""manage.py schedule: everything scheduled with its state; pause, resume and start from the command line."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from integration_hub.management.commands.sync import wide_console
from integration_hub.timing import pauses
from integration_hub.timing.asking import NotNow, ask
from integration_hub.timing.items import EXPORTS, find, item_names, zone
from integration_hub.timing.states import Standing, standings

BY = "command line"


class Command(BaseCommand):
    """Lists what is scheduled, or changes one thing of it."""

    help = "List what is scheduled with state, last, next, cause and remedy; or pause, resume or start something."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--pause", metavar="NAME", default="", help='"all", a source, or a name of the list')
        what.add_argument("--resume", metavar="NAME", default="", help="end a pause")
        what.add_argument("--run", metavar="NAME", default="", help="start at once; a source's name reads it")
        parser.add_argument("--reason", default="", help="why, with --pause: others will read it")
        parser.add_argument("--until", default="", help="with --pause: when it ends by itself, as 2026-11-28T06:00")
        parser.add_argument("--streams", action="store_true", help="list every stream too")

    def handle(
        self, *args: Any, pause: str, resume: str, run: str, reason: str, until: str, streams: bool, **options: Any
    ) -> None:
        now = timezone.now()
        if pause:
            self._pause(_known(pause), reason.strip(), _instant(until, now), now)
        elif resume:
            if not pauses.resume(_known(resume), by=BY, now=now):
                raise CommandError(f'"{resume}" is not paused.')
            self.stdout.write(f"resumed: {resume}. What came due meanwhile runs once.")
        elif run:
            self._run(run, now)
        else:
            _show(wide_console(), [each for each in standings(now) if streams or not each.item.stream], now)

    def _pause(self, name: str, reason: str, until: datetime | None, now: datetime) -> None:
        if not reason:
            raise CommandError('Say why, so that others know what must be done first: --reason "...".')
        pauses.pause(name, by=BY, reason=reason, now=now, until=until)
        ends = (
            f"until {until.astimezone(zone()):%Y-%m-%d %H:%M}"
            if until
            else f"until: manage.py schedule --resume {name}"
        )
        self.stdout.write(f"paused: {name}, {ends}")

    def _run(self, name: str, now: datetime) -> None:
        item = find(name)
        if item is None:
            _known(name)
            raise CommandError(f'"{name}" is no single item that could be started.')
        try:
            run = ask(item, by=BY, now=now)
        except NotNow as reason:
            raise CommandError(str(reason)) from reason
        told = "A worker takes it at once."
        if pauses.is_held(run):
            told = "It is paused, so it waits until it is resumed."
        elif run.not_before is not None and run.not_before > now:
            told = f"It goes on at {_clock(run.not_before)}. {run.problem}".strip()
        self.stdout.write(f"requested: {run}. {told}")


def _known(name: str) -> str:
    if name not in item_names():
        raise CommandError(f'There is nothing named "{name}"; there is: {", ".join(item_names())}.')
    return name


def _instant(text: str, now: datetime) -> datetime | None:
    """The instant of a text at the company's wall clock."""
    try:
        return pauses.end_of(text, now) if text else None
    except pauses.WrongEnd as wrong:
        raise CommandError(f"--until {wrong}.") from wrong


def _show(console: Console, found: list[Standing], now: datetime) -> None:
    table = Table("Name", "Runs", "State", "Last ended", "Next", pad_edge=False)
    for each in found:
        last = _clock(each.last.finished_at) if each.last else "never"
        next_at = _clock(each.next_at) if each.next_at else "when needed"
        until = f" until {_clock(each.until)}" if each.until else ""
        table.add_row(each.item.name, each.item.words, f"{each.state.label}{until}", last, next_at)
    held = pauses.exports_held(now)
    until = f" until {_clock(held.until)}" if held and held.until else ""
    table.add_row(EXPORTS, "each by its own time", f"Paused{until}" if held else "On time", "", "")
    console.print(table)
    if held:
        console.print(f"{EXPORTS}: Paused by {held.by}: {held.reason}", markup=False)
    for each in found:
        if each.state.mark in {"bad", "warn"}:
            console.print(f"{each.item.name}: {each.state.label}. {each.cause} {each.remedy}", markup=False)


def _clock(instant: datetime | None) -> str:
    return f"{instant.astimezone(zone()):%Y-%m-%d %H:%M}" if instant else "never"
