"""`manage.py practice_org`: the Salesforce stand-in alone, for other clients."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integration_hub.practice.org.__main__ import arguments, serve


class Command(BaseCommand):
    """Start the practice org in the foreground."""

    help = "Run the Salesforce practice org on 127.0.0.1 until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the options of the server."""
        arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve; refused in production, where a stand-in for Salesforce has no place."""
        if not settings.DEBUG and os.environ.get("DEMO") != "1":
            raise CommandError(
                "The practice org is a stand-in for demo and tests and does not start with production settings. "
                "Use `make demo`, or set DEMO=1 or DEBUG=1 on a machine that holds no real data."
            )
        code = serve(options["port"], options["state"], with_parent=options["with_parent"])
        if code:
            sys.exit(code)
