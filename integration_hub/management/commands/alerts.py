"""manage.py alerts: what is open, a test message, and a check from outside."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integration_hub.alerts.channels import targets
from integration_hub.alerts.counting import open_alerts
from integration_hub.alerts.messages import trial_message
from integration_hub.alerts.outbox import send_due
from integration_hub.alerts.watching import has_ticked, silent_since
from integration_hub.audit import record
from integration_hub.config import hub
from integration_hub.models import AlertDelivery


class Command(BaseCommand):
    """Lists by default."""

    help = "List open alerts. --test sends a message to every address; --check is for a monitor from outside."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--test", action="store_true", help="send a test message to every address of hub.toml now")
        parser.add_argument(
            "--check", action="store_true", help="exit 1 with open alerts, 2 without a scheduler that works"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["test"]:
            self._test()
            return
        alerts, silent, never = list(open_alerts()), silent_since(), not has_ticked()
        for alert in alerts:
            self.stdout.write(f"{alert.severity}: {alert.text} {alert.remedy}".strip())
        if silent is not None:
            self.stdout.write(f"critical: The scheduler has been silent since {silent:%Y-%m-%d %H:%M} UTC: start it.")
        if never:
            self.stdout.write("critical: The scheduler has never run here, so nothing is looked for: start it.")
        is_silent = never or silent is not None
        if not alerts and not is_silent:
            self.stdout.write("Nothing is open.")
        if options["check"] and (alerts or is_silent):
            sys.exit(2 if is_silent else 1)

    def _test(self) -> None:
        if not targets(hub().alerts):
            raise CommandError("Nobody would be told: name addresses under [alerts] in hub.toml.")
        message = trial_message(timezone.now(), "Somebody at the command line")
        record("alert.tested", "alert", message.pk)
        send_due()
        failed = False
        for way in AlertDelivery.objects.filter(message=message).order_by("id"):
            failed = failed or way.sent_at is None
            said = "sent" if way.sent_at else f"not sent. {way.error or 'It waits: another process is sending.'}"
            self.stdout.write(f"{way.channel} {way.target}: {said}")
        if failed:
            sys.exit(1)
