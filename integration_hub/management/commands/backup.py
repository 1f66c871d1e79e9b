"""manage.py backup: dump the warehouse into a folder and keep the newest; exit 1 when it could not be made."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integration_hub.installation import backup


class Command(BaseCommand):
    """Makes one backup and deletes those beyond the number to keep."""

    help = "Dump the warehouse into a folder, look whether the file can be read, and keep the newest of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="FOLDER", type=Path, help="where to (default: the variable BACKUP_DIR)")
        parser.add_argument("--keep", metavar="N", type=int, default=14, help="how many are kept (default: 14)")

    def handle(self, *args: Any, to: Path | None, keep: int, **options: Any) -> None:
        folder = to or (Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None)
        if folder is None:
            raise CommandError("Say where to: --to FOLDER, or set BACKUP_DIR.")
        if keep < 1:
            raise CommandError("At least one backup is kept: --keep 1 or more.")
        try:
            made = backup.make(folder, timezone.now())
        except (backup.BackupError, OSError) as error:
            raise CommandError(f"No backup was made, those there are stay. {error}") from error
        self.stdout.write(f"{made.path}: {made.size / 1e6:,.1f} MB, read through.")
        for path in backup.thin_out(folder, keep):
            self.stdout.write(f"deleted: {path}")
