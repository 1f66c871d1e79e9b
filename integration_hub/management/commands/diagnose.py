"""manage.py diagnose: green, amber and red checks with remedies; exit 0, 1 or 2."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from integration_hub.api_use import metered
from integration_hub.config import hub
from integration_hub.diagnosis import Check, Light, local_checks, outside_checks, worst

COLOURS = {"green": "green", "amber": "yellow", "red": "red"}
NEEDED_FOR_OUTSIDE = {"Configuration", "Database"}


class Command(BaseCommand):
    """Checks everything the hub leans on."""

    help = "Check database, Redis, worker, configuration, every source and Salesforce. Exit 0 green, 1 amber, 2 red."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--local", action="store_true", help="leave out the systems outside")

    def handle(self, *args: Any, local: bool, **options: Any) -> None:
        checks = list(local_checks())
        broken = [check for check in checks if check.name in NEEDED_FOR_OUTSIDE and check.light is Light.RED]
        if not local and not broken:
            with metered(None):
                checks += outside_checks(hub())
        Console().print(_table(checks))
        if broken and not local:
            self.stdout.write("ERP and Salesforce were not asked: that needs the configuration and the database.")
        light = worst(checks)
        if light:
            sys.exit(int(light))


def _table(checks: list[Check]) -> Table:
    table = Table("State", "What", "Finding and what to do", pad_edge=False)
    for check in checks:
        words = Text(check.finding)
        if check.remedy:
            words.append(f"\n→ {check.remedy}", style="bold")
        table.add_row(Text(check.word, style=COLOURS[check.word]), Text(check.name), words)
    return table
