"""manage.py reporting_views: the documentation of the views in the schema `reporting`, as Markdown."""

from typing import Any

from django.core.management.base import BaseCommand

from integration_hub.reporting_views import as_markdown


class Command(BaseCommand):
    """Prints what integration_hub/docs/views.md holds."""

    help = "Print the views of the schema reporting with their columns, as integration_hub/docs/views.md holds them."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(as_markdown(), ending="")
