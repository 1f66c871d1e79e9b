"""manage.py restored: say that the database was put back, where nothing in it shows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from integration_hub.installation import restored


class Command(BaseCommand):
    """Holds the push back until everything was read anew and a person approved the first plan."""

    help = (
        "Say that the database was put back to an earlier state. A restored dump or base backup is noticed without it; "
        "a machine's disk that was put back as a whole is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--look", action="store_true", help="only look whether it was, and say so")

    def handle(self, *args: Any, look: bool, **options: Any) -> None:
        asked = (
            restored.look() if look else restored.mark("Somebody said that the database was put back.", timezone.now())
        )
        if asked:
            self.stdout.write(f"Whole reading asked for: {', '.join(asked)}. Until then nothing is pushed.")
        elif restored.is_open():
            unread = ", ".join(restored.unread())
            waits = (
                f"These are still to be read whole: {unread}." if unread else "The first plan waits for an approval."
            )
            self.stdout.write(f"The database was put back. {waits}")
        else:
            self.stdout.write("The database is where it was left.")
