"""What manage.py push does besides pushing: stop, resume, and look for hand edits."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from rich.console import Console
from rich.table import Table
from rich.text import Text

from integration_hub import locks
from integration_hub.jobs import finish
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.push import switch
from integration_hub.push.hand_edit_rows import HandEdit, hand_edits
from integration_hub.runs import start_run
from integration_hub.sources import SALESFORCE

BY = "command line"
SHOWN = 50


def plan_number(text: str) -> int:
    """The number of a plan on the command line. Zero would be read as no number, and push."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no plan number; the page Pushes lists the plans.")
    return int(text)


def add_arguments(parser: CommandParser) -> None:
    """The options of push that are handled here, and --undo, which is a push of its own."""
    parser.add_argument(
        "--undo", metavar="PLAN", type=plan_number, help="put back what stood before this push, then stop the push"
    )
    parser.add_argument("--stop", metavar="REASON", help="write nothing more to Salesforce until it is resumed")
    parser.add_argument("--resume", action="store_true", help="let values be written again")
    parser.add_argument("--drift-check", action="store_true", help="list pushed values that somebody changed by hand")


def is_asked(options: Mapping[str, Any]) -> bool:
    """Whether one of the options stands for itself, so that nothing is pushed."""
    return options["stop"] is not None or bool(options["resume"]) or bool(options["drift_check"])


def do(options: Mapping[str, Any], out: OutputWrapper, err: OutputWrapper) -> None:
    """Do what was asked for. Ends the process with 1 when the look for hand edits failed."""
    if options["stop"] is not None:
        switch.stop(BY, options["stop"].strip())
        out.write("The push is stopped: nothing more is written until manage.py push --resume.")
    elif options["resume"]:
        switch.resume(BY)
        out.write("The push is resumed: the next one plans anew.")
    else:
        _check_drift(out, err)


def _check_drift(out: OutputWrapper, err: OutputWrapper) -> None:
    with locks.holding(locks.run_name(RunKind.DRIFT, SALESFORCE)) as free:
        if not free:
            raise CommandError("Another look for hand edits is running; start this one again when it has finished.")
        run = finish(start_run(RunKind.DRIFT, SALESFORCE, by=BY))
    if run.status == RunStatus.SUCCEEDED:
        _show(hand_edits(), out)
    _tell(run, err)


def _show(found: list[HandEdit], out: OutputWrapper) -> None:
    if not found:
        out.write("No pushed value was changed by hand.")
        return
    table = Table("Account", "Field", "Expected", "Found", "Wanted", "Who", "When", "State", pad_edge=False)
    for edit in found[:SHOWN]:
        record = edit.record
        when = f"{record.changed_at:%Y-%m-%d %H:%M} UTC" if record.changed_at else "unknown"
        cells = (edit.account_name, edit.label, record.expected, record.found, record.wanted)
        shown = [*(cell or "–" for cell in cells), record.changed_by or "unknown", when, edit.state]
        table.add_row(*(Text(cell) for cell in shown))
    Console().print(table)
    if len(found) > SHOWN:
        out.write(f"... and {len(found) - SHOWN:,} more.")


def _tell(run: Run, err: OutputWrapper) -> None:
    for text in (run.problem, run.meaning, run.remedy):
        if text:
            err.write(text)
    if run.status != RunStatus.SUCCEEDED:
        sys.exit(1)
