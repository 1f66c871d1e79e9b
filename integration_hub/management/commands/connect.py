"""manage.py connect KIND: ask what an ERP needs, try each answer, and write its section into hub.toml."""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration_hub.management.connect_questions import kinds
from integration_hub.management.connecting import connect


class Command(BaseCommand):
    """Connects an ERP step by step; nothing is written before it has answered."""

    help = "Connect an ERP: asks for what is needed, tries each answer, and writes the section into hub.toml."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", metavar="KIND", choices=kinds(), help=f"one of: {', '.join(kinds())}")
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="an answer given in advance; with at least one, nothing is asked. A secret need not be "
            "given: it is taken from its environment variable, such as ODOO_API_KEY, where that is set",
        )

    def handle(self, *args: Any, kind: str, answer: list[str], **options: Any) -> None:
        given = dict(each.partition("=")[::2] for each in answer)
        answers = connect(kind, self._ask_nothing if given else self._ask, self.stdout.write, given)
        name = answers.values["name"]
        self.stdout.write(f'\nThe source "{name}" stands in hub.toml; the file before is kept beside it.')
        if variables := ", ".join(answers.secrets):
            self.stdout.write(
                f"What runs now goes on without it. Set {variables} in the environment of web, worker and scheduler, "
                "then start them again: the source is read from then on."
            )
        self.stdout.write(f"Next: manage.py sync --preview --source {name}, then manage.py sync --source {name}")

    def _ask(self, text: str, default: str, hidden: bool) -> str:
        if not sys.stdin.isatty():
            raise CommandError(f"There is nobody to ask for: {text}. Use --answer KEY=VALUE.")
        shown = f"{text} [{default}]: " if default else f"{text}: "
        typed = getpass.getpass(shown) if hidden else input(shown)
        return typed.strip() or default

    def _ask_nothing(self, text: str, default: str, hidden: bool) -> str:
        """What holds where an answer was not given."""
        return default
