"""manage.py audit: verify the chain, export it, prune it, say its head."""

import csv
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration_hub.audit.pruning import LEAST_DAYS, NotPruned, prune
from integration_hub.audit.verifying import head, read_head, verify
from integration_hub.pages.audit_rows import chosen_rows, csv_rows


class Command(BaseCommand):
    """What is done with the audit from outside; adding to it happens by itself."""

    help = "Verify the audit (exit 1 on the first broken link), export it as CSV, or say its head."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--verify", action="store_true", help="read every row; exit 1 naming the first broken link")
        parser.add_argument("--head", metavar="NUMBER:HASH", default="", help="with --verify: a head noted earlier")
        parser.add_argument("--export", metavar="FILE", help='write all rows as CSV; "-" for standard output')
        parser.add_argument(
            "--prune", metavar="DAYS", type=int, help=f"remove what is older, leaving a checkpoint (least {LEAST_DAYS})"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["export"]:
            self._export(options["export"])
        elif options["prune"] is not None:
            self._prune(options["prune"])
        elif options["verify"]:
            self._verify(options["head"])
        else:
            self.stdout.write(f"Head: {head() or 'the audit is empty'}")

    def _verify(self, written: str) -> None:
        try:
            noted = read_head(written) if written else None
        except ValueError as problem:
            raise CommandError(str(problem)) from problem
        found = verify(noted)
        if not found.is_whole:
            self.stderr.write(f"The chain is broken. {found.problem}")
            sys.exit(1)
        self.stdout.write(f"The chain is whole: {found.rows:,} rows. Head: {found.head or 'none'}")

    def _export(self, path: str) -> None:
        if path == "-":
            csv.writer(self.stdout).writerows(csv_rows(chosen_rows()))
            return
        # A name on the command line is the administrator's own.
        with open(path, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            csv.writer(file).writerows(csv_rows(chosen_rows()))
        self.stdout.write(f"Written: {path}. Head: {head() or 'the audit is empty'}")

    def _prune(self, days: int) -> None:
        try:
            done = prune(days)
        except NotPruned as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Removed {done.rows:,} rows, up to {done.last}. Head: {head()}")
