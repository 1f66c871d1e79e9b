"""manage.py replay: try rejected rows again in the foreground; exit 1 when a run failed."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration_hub import jobs, locks
from integration_hub.management.commands.sync import show_run, wide_console
from integration_hub.models import RejectedRow, Run, RunKind, RunStatus
from integration_hub.replay import by_source, open_rows
from integration_hub.runs import start_run
from integration_hub.sources import source_names


class Command(BaseCommand):
    """Tries what was stored of rejected rows again, and shows which have loaded."""

    help = "Try rejected rows again, from what was stored of them; nothing is asked of the source. Exit 1 on failure."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", default="", help="only rows of this source (default: of every source)")
        parser.add_argument("--stream", default="", help="only rows of this stream of the source")
        parser.add_argument("--run", type=int, default=None, help="only rows that the run with this number rejected")

    def handle(self, *args: Any, source: str, stream: str, run: int | None, **options: Any) -> None:
        names = source_names()
        if source and source not in names:
            raise CommandError(f'There is no source named "{source}"; hub.toml has: {", ".join(names) or "none"}.')
        if stream and not source:
            raise CommandError("--stream needs --source, because streams are named within their source.")
        if run is not None and not Run.objects.filter(pk=run).exists():
            raise CommandError(f"There is no run {run}.")
        wanted = by_source(open_rows(source, stream, run))
        if not wanted:
            self.stdout.write("No rejected row is open there.")
            return
        runs = [self._replay(name, ids) for name, ids in wanted.items()]
        if any(each.status not in {RunStatus.SUCCEEDED, RunStatus.PARTIAL} for each in runs):
            sys.exit(1)

    def _replay(self, source: str, ids: list[int]) -> Run:
        with locks.holding(locks.run_name(RunKind.REPLAY, source)) as free:
            if not free:
                raise CommandError(
                    f"A replay of {source} is running already. Wait for it, or look at the page of runs."
                )
            run = jobs.finish(start_run(RunKind.REPLAY, source, by="command line", options={"rows": ids}))
        show_run(wide_console(), run)
        tried = RejectedRow.objects.filter(replayed_by=run.pk)
        left = tried.filter(resolved_at=None).count()
        self.stdout.write(f"{tried.count() - left:,} of {tried.count():,} rejected rows are resolved, {left:,} stay.")
        return run
