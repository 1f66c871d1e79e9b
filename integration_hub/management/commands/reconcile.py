"""manage.py reconcile: compare the mirror with its sources; exit 1 on a difference."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from integration_hub import locks
from integration_hub.api_use import metered
from integration_hub.management.commands.sync import wide_console
from integration_hub.models import RunKind, RunStatus
from integration_hub.reconcile import reconcile
from integration_hub.reconcile_compared import SHOWN_KEYS, Compared
from integration_hub.reconcile_run import outcome_of
from integration_hub.runs import Outcome, settle, start_run
from integration_hub.sources import SourceProblem, source_names


class Command(BaseCommand):
    """Reads every source whole and compares counts, sums and contents with the mirror."""

    help = "Compare counts, sums per currency and contents of every row with the sources. Exit 1 on a difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", default="", help="only this source (default: every source of hub.toml)")

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        names = source_names()
        if source and source not in names:
            raise CommandError(f'There is no source named "{source}"; hub.toml has: {", ".join(names) or "none"}.')
        agrees = [_reconcile(name) for name in ([source] if source else names)]
        if not all(agrees):
            sys.exit(1)


def _reconcile(name: str) -> bool:
    console = wide_console()
    own, other = locks.run_name(RunKind.RECONCILE, name), locks.run_name(RunKind.SYNC, name)
    with locks.holding(own) as alone, locks.holding(other) as free:
        if not (alone and free):
            raise CommandError(f"A sync or reconciliation of {name} is running. Reconcile when it has ended.")
        run = start_run(RunKind.RECONCILE, name, by="command line")
        try:
            with metered(run):
                compared = reconcile(run)
        except SourceProblem as problem:
            settle(run, Outcome(RunStatus.FAILED, problem.problem, problem.meaning, problem.remedy))
            console.print(f"{name}: {problem}", markup=False)
            return False
        settle(run, outcome_of(run, compared))
    _show(console, compared)
    return all(each.agrees for each in compared)


def _show(console: Console, compared: list[Compared]) -> None:
    table = Table("Stream", "Source rows", "Mirror rows", "Result", pad_edge=False)
    for each in compared:
        table.add_row(each.stream, f"{each.source_rows:,}", f"{each.mirror_rows:,}", _verdict(each))
    console.print(table)
    for each in compared:
        _show_groups(console, each)


def _verdict(compared: Compared) -> str:
    if not compared.agrees:
        return compared.detail
    return f"agrees, except {compared.waiting:,} in quarantine" if compared.waiting else "agrees"


def _show_groups(console: Console, compared: Compared) -> None:
    """The differing companies and months of one stream, with the first documents."""
    if not compared.groups:
        return
    table = Table(
        "Company", "Month", "Currency", "Source rows", "Mirror rows", "Documents", title=compared.stream, pad_edge=False
    )
    for group in compared.groups:
        keys = [document["key"] for document in group["documents"]]
        more = f" and {len(keys) - SHOWN_KEYS} more" if len(keys) > SHOWN_KEYS else ""
        table.add_row(
            group["company"],
            group["month"],
            group["currency"],
            f"{group['source_rows']:,}",
            f"{group['mirror_rows']:,}",
            ", ".join(keys[:SHOWN_KEYS]) + more,
        )
    console.print(table)
