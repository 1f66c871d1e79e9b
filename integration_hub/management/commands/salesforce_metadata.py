"""manage.py salesforce_metadata --output DIR: the custom fields and the permission sets, ready to deploy."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration_hub.config import hub
from integration_hub.push.metadata import CannotWriteMetadata, left_over, write_metadata
from integration_hub.push.wanted import needs_of


class Command(BaseCommand):
    """Writes SFDX source for every pushed field, the ERP number, both permission sets and the link to a page here."""

    help = "Write the Salesforce fields and permission sets as SFDX source, for an administrator to deploy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output", metavar="DIR", type=Path, required=True, help="directory to write to; made if missing"
        )

    def handle(self, *args: Any, output: Path, **options: Any) -> None:
        configuration = hub()
        salesforce = configuration.salesforce_as_read
        if salesforce is None:
            raise CommandError("hub.toml has no [salesforce]: add it, then run this again.")
        rules, address = configuration.push.fields, settings.PUBLIC_URL
        try:
            written = write_metadata(output, salesforce, rules, needs_of(rules), address)
        except KeyError as error:
            raise CommandError(f"There is no measure {error}: correct it under [[push.fields]] in hub.toml.") from error
        except CannotWriteMetadata as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}. Name another --output.") from error
        for path in written:
            self.stdout.write(str(path))
        for path in left_over(output, written):
            self.stderr.write(f"{path} is of an earlier configuration: delete it if Salesforce should not get it.")
        if not address:
            self.stderr.write("No link field: set PUBLIC_URL, such as https://hub.example.com, and run this again.")
        self.stdout.write(f"Deploy: cd {output} && sf project deploy start --source-dir force-app")
        self.stdout.write("Then: sf org assign permset --name ERP_Rollup_Writer --on-behalf-of INTEGRATION_USER")
        self.stdout.write("And ERP_Rollup_Reader for those who shall see the figures.")
