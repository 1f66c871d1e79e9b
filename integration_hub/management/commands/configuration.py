"""manage.py configuration: export it, look what another one would change, take it over."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integration_hub.config import ConfigurationError
from integration_hub.transfer import bundle, taking
from integration_hub.transfer.difference import in_words
from integration_hub.transfer.parts import NotMoved


class Command(BaseCommand):
    """Moves hub.toml and what users set up between installations, by a file without secrets."""

    help = "Export the configuration as a file, or import one: shows what differs, and writes it only with --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--export", metavar="FILE", type=Path, help="write this installation's configuration")
        way.add_argument("--import", metavar="FILE", type=Path, dest="file", help="show what this file would change")
        parser.add_argument("--apply", action="store_true", help="with --import: write it, all or nothing")
        parser.add_argument("--user", metavar="LOGIN", default="", help="with --apply: in whose name")

    def handle(self, *args: Any, file: Path | None, apply: bool, user: str, **options: Any) -> None:
        try:
            if file is None:
                self._export(options["export"])
            else:
                self._import(file, apply=apply, user=user)
        except (NotMoved, ConfigurationError) as problem:
            raise CommandError(f"{problem} Nothing was written.") from problem

    def _export(self, path: Path) -> None:
        made = bundle.here()
        bundle.check_secrets(made.configuration)
        try:
            path.write_text(bundle.written(made, timezone.now()), encoding="utf-8")
        except OSError as error:
            raise NotMoved(f"{path} cannot be written: {error.strerror}. Name a file in another folder.") from error
        rows = sum(len(part) for part in made.parts.values())
        self.stdout.write(f"{path}: hub.toml and {rows} rows. Secrets are not in it: they stay in the environment.")

    def _import(self, path: Path, *, apply: bool, user: str) -> None:
        wanted = bundle.read(path)
        if not apply:
            difference = taking.check(wanted)
            self.stdout.write("\n".join([*in_words(difference), *taking.doubts(wanted, difference)]))
            self.stdout.write("Nothing was written. With --apply --user LOGIN it is.")
            return
        by = User.objects.filter(username=user, is_active=True).first()
        if by is None:
            raise CommandError("Say in whose name: --user LOGIN, an active login. Nothing was written.")
        difference = taking.take_over(wanted, by, timezone.now())
        self.stdout.write("\n".join([*in_words(difference), *taking.doubts(wanted, difference)]))
        self.stdout.write("Nothing was to be written." if difference.is_empty else "Written.")
