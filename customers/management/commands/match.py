"""`manage.py match`: find accounts for ERP customers that have none."""

import argparse
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from customers.matching import match_all
from customers.models import LinkProposal
from integration_hub import locks
from integration_hub.models import RunKind


class Command(BaseCommand):
    """Match what has changed, or everything anew."""

    help = "Compare ERP customers without an account with all accounts, and keep what may be the same as proposals."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="all of them anew, not only what has changed")

    def handle(self, *args: Any, **options: Any) -> None:
        start = perf_counter()
        with locks.holding(locks.run_name(RunKind.MATCH, "")) as free:
            if not free:
                raise CommandError("A matching run is at work. Match when it has ended.")
            matched = match_all(anew=options["all"])
        found = LinkProposal.objects.count()
        certain = LinkProposal.objects.filter(certain=True).count()
        self.stdout.write(
            f"{matched} ERP customers compared in {perf_counter() - start:.1f} s; "
            f"{found} proposals, {certain} of them certain"
        )
