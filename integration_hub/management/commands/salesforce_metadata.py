"""manage.py salesforce_metadata --output DIR: the custom fields and the permission set, ready to deploy."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration_hub.config import hub
from integration_hub.push.metadata import write_metadata
from integration_hub.push.wanted import kinds_of


class Command(BaseCommand):
    """Writes SFDX source for every pushed field and for the ERP number."""

    help = "Write the Salesforce fields and the permission set as SFDX source, for an administrator to deploy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output", metavar="DIR", type=Path, required=True, help="directory to write to; made if missing"
        )

    def handle(self, *args: Any, output: Path, **options: Any) -> None:
        configuration = hub()
        if configuration.salesforce is None:
            raise CommandError("hub.toml has no [salesforce]: add it, then run this again.")
        rules = configuration.push.fields
        try:
            kinds = kinds_of(rules)
        except KeyError as error:
            raise CommandError(f"There is no measure {error}: correct it under [[push.fields]] in hub.toml.") from error
        for path in write_metadata(output, configuration.salesforce, rules, kinds):
            self.stdout.write(str(path))
        self.stdout.write(f"Deploy with: sf project deploy start --source-dir {output / 'force-app'}")
        self.stdout.write("Then assign the permission set ERP_Rollup_Writer to the integration user.")
