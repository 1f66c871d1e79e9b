"""manage.py push: write figures that differ to Salesforce; exit 1 unless every row was answered ok."""

import csv
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from integration_hub import locks
from integration_hub.jobs import finish
from integration_hub.management import push_control
from integration_hub.models import ChangeStatus, PlanStatus, PushPlan, Run, RunKind, RunStatus
from integration_hub.pages.push_rows import change_lines, chosen_changes, csv_rows
from integration_hub.push.outcome import amount
from integration_hub.runs import start_run

SUBJECT, SHOWN = "salesforce", 25
COLOURS = {"green": "green", "amber": "yellow", "red": "red"}


class Command(BaseCommand):
    """Plans a push, and sends it unless the run is dry."""

    help = "Compare the figures with Salesforce and write the differences. Exit 1 unless every row was answered ok."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="plan and show, write nothing to Salesforce")
        parser.add_argument("--plan", metavar="FILE.csv", type=Path, help="also write every change to this file")
        parser.add_argument(
            "--approve",
            metavar="PLAN",
            type=push_control.plan_number,
            help="send this plan, which waits or was halted by the brake, if nothing changed since",
        )
        parser.add_argument(
            "--new-org",
            metavar="ID",
            default="",
            help="accept this Salesforce org although earlier pushes went to another",
        )
        parser.add_argument(
            "--take-over",
            metavar="MARK",
            default="",
            help="push although the accounts carry this mark of another installation, which pushes no more",
        )
        push_control.add_arguments(parser)

    def handle(
        self, *args: Any, dry_run: bool, plan: Path | None, approve: int | None, new_org: str, **options: Any
    ) -> None:
        if push_control.is_asked(options):
            push_control.do(options, self.stdout, self.stderr)
            return
        wanted = {
            "undo": options["undo"],
            "by": push_control.BY if options["undo"] else "",
            "dry_run": dry_run,
            "approve": approve,
            "approved_by": "command line" if approve else "",
            "new_org": new_org,
            "take_over": options["take_over"],
        }
        run = _push({name: value for name, value in wanted.items() if value})
        made = PushPlan.objects.filter(run_ref=run).first()
        if made is not None:
            self._show(made)
            if plan is not None:
                _write_csv(made, plan)
                self.stdout.write(f"All changes: {plan}")
        self._tell(run, made)
        waits = made is not None and made.status == PlanStatus.WAITING
        if run.status != RunStatus.SUCCEEDED or waits:
            sys.exit(1)

    def _show(self, made: PushPlan) -> None:
        console = Console()
        for finding in made.findings:
            if finding["state"] != "green":
                words = f"{finding['state']}: {finding['problem']} {finding['remedy']}"
                console.print(Text(words, style=COLOURS[finding["state"]]))
        changes = change_lines(list(chosen_changes(made, "", "")[:SHOWN]))
        if not changes:
            return
        table = Table("Account", "Field", "Before", "After", "State", pad_edge=False)
        for line in changes:
            state = line.change.get_status_display() + (" (changed by hand)" if line.change.drift else "")
            error = f": {line.change.error_code}" if line.change.error_code else ""
            cells = (
                line.name or line.change.account,
                line.label,
                line.before or "–",
                line.after or "–",
                f"{state}{error}",
            )
            table.add_row(*(Text(cell) for cell in cells))
        console.print(table)
        left = made.changes.count() - len(changes)
        if left > 0:
            self.stdout.write(f"... and {left:,} more changes, all smaller.")

    def _tell(self, run: Run, made: PushPlan | None) -> None:
        if made is not None:
            planned = amount(made.fields_changed, made.accounts_changed)
            if made.status in {PlanStatus.DRY, PlanStatus.HALTED, PlanStatus.WAITING}:
                done = f"{planned} would be written"
            else:
                # Parked accounts may have followed, which the plan did not count on.
                written = made.changes.filter(status=ChangeStatus.DONE).order_by()
                done = f"{amount(written.count(), written.values('account').distinct().count())} written"
                done += f", {planned} planned" if written.count() < made.fields_changed else ""
            state = made.get_status_display().lower()
            self.stdout.write(f"{made.accounts_compared:,} accounts compared, {done}. Plan {made.pk}: {state}.")
        for text in (run.problem, run.meaning, run.remedy):
            if text:
                self.stderr.write(text)


def _push(wanted: dict[str, object]) -> Run:
    """Do the push in this process, so that its options meet no other push that waits."""
    with locks.holding(locks.run_name(RunKind.PUSH, SUBJECT)) as free:
        if not free:
            raise CommandError("Another push is running; start this one again when it has finished.")
        run = start_run(RunKind.PUSH, SUBJECT, by="command line", options=wanted)
        return finish(run)


def _write_csv(made: PushPlan, path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(csv_rows(made))
    except OSError as error:
        raise CommandError(
            f"{path} could not be written: {error.strerror}. The plan is kept: open push {made.pk} on the page Pushes."
        ) from error
