"""manage.py sync: bring sources up to date in the foreground; exit 1 on failure."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from integration_hub import jobs, locks
from integration_hub.config import hub
from integration_hub.management.previews import show_previews
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.runs import start_run
from integration_hub.sources import SourceProblem, source_names

COUNTS = ("read", "inserted", "updated", "unchanged", "deleted", "rejected", "duplicates")


class Command(BaseCommand):
    """Reads sources, publishes, and shows what changed."""

    help = "Bring streams up to date in the foreground. Exit 1 when a source failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", default="", help="only this source (default: every source of hub.toml)")
        parser.add_argument("--stream", default="", help="only this stream of the source")
        parser.add_argument("--full", action="store_true", help="read everything, not only what changed")
        parser.add_argument(
            "--preview",
            action="store_true",
            help="show the first rows of each stream as they come and as they would be stored, and write nothing",
        )

    def handle(self, *args: Any, source: str, stream: str, full: bool, preview: bool, **options: Any) -> None:
        names = source_names()
        if source and source not in names:
            raise CommandError(f'There is no source named "{source}"; hub.toml has: {", ".join(names) or "none"}.')
        if stream and not source:
            raise CommandError("--stream needs --source, because streams are named within their source.")
        _check_stream(source, stream)
        if preview:
            show_previews([source] if source else names, stream, wide_console())
            return
        wanted = {"stream": stream, "full": full}
        chosen = {name: value for name, value in wanted.items() if value}
        runs = [sync_now(name, chosen) for name in ([source] if source else names)]
        if any(run.status not in {RunStatus.SUCCEEDED, RunStatus.PARTIAL} for run in runs):
            sys.exit(1)


def _check_stream(source: str, stream: str) -> None:
    """Refuse a misspelt stream before there is a failed run, which would mark the source as late."""
    configured = {each.name: [part.name for part in each.streams] for each in hub().sources}
    if stream and source in configured and stream not in configured[source]:
        known = ", ".join(configured[source])
        raise CommandError(f'{source} has no stream named "{stream}"; it has: {known}.')


def sync_now(name: str, options: dict[str, Any]) -> Run:
    """Sync one source in this process, with a progress line and a table. Raises CommandError while one is running."""
    console = wide_console()
    with locks.holding(locks.run_name(RunKind.SYNC, name)) as free:
        if not free:
            raise CommandError(f"A sync of {name} is running already. Wait for it, or look at the page of runs.")
        run = start_run(RunKind.SYNC, name, by="command line", options=options)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(f"{name}: connecting", total=None)

            def report(stream: str, state: str) -> None:
                progress.update(task, description=": ".join(part for part in (name, stream, state) if part))

            run = jobs.finish(run, report)
    show_run(console, run)
    return run


def wide_console() -> Console:
    """A terminal as wide as it is; a log file as wide as the tables."""
    console = Console()
    return console if console.is_terminal else Console(width=160)


def show_run(console: Console, run: Run) -> None:
    """Print what the run did with each stream, and how it ended."""
    streams = list(run.streams.all())
    if streams:
        table = Table(
            Column("Stream", no_wrap=True), "Mode", *(count.capitalize() for count in COUNTS), "Seconds", pad_edge=False
        )
        for each in streams:
            numbers = (f"{getattr(each, count):,}" for count in COUNTS)
            table.add_row(each.stream, each.mode, *numbers, f"{each.seconds:.1f}")
        console.print(table)
    problem = SourceProblem(run.problem, run.meaning, run.remedy)
    ending = f"{run}: {run.get_status_display().lower()}"
    console.print(
        f"{ending}. {problem}" if run.problem else f"{ending}, {run.accounts_touched:,} customers touched.",
        markup=False,
    )
    for each in streams:
        if each.note:
            console.print(f"{each.stream}: {each.note}", markup=False)
