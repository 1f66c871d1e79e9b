"""`manage.py rollup`: link, and recompute the figures of every customer."""

import argparse
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from customers.calendar import current_day
from customers.linking import unlinked_summary
from customers.models import AccountLink, LinkStatus, RollupDay
from customers.publishing import recompute_all
from customers.rollups import undated_items
from integration_hub.config import hub
from integration_hub.schedule import local_day


class Command(BaseCommand):
    """Recompute all customers, now or as of a past day."""

    help = "Link ERP customers to accounts and recompute all figures; with --as-of only those of that day."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--weeks",
            type=int,
            default=0,
            metavar="NUMBER",
            help="store the figures of so many Sundays before today that have none, as of today's links",
        )
        parser.add_argument(
            "--as-of", type=_day, metavar="DATE", help="store the figures of this day too; current figures stay"
        )
        links = parser.add_mutually_exclusive_group()
        links.add_argument(
            "--links-of-that-day",
            action="store_true",
            help="by the links between ERP customers and accounts that were valid that day (so without a choice, too)",
        )
        links.add_argument("--links-of-today", action="store_true", help="by the links that are valid now")

    def handle(self, *args: Any, **options: Any) -> None:
        today = datetime.now(ZoneInfo(hub().company.time_zone)).date()
        asked: date | None = options["as_of"]
        if asked and asked > today:
            raise CommandError(f"{asked} is in the future: figures of a day exist once it has begun. Today is {today}.")
        if options["weeks"]:
            self._weeks(today, options["weeks"])
            return
        as_of = asked or today
        start = perf_counter()
        customers = recompute_all(as_of, current=asked is None, links_then=not options["links_of_today"])
        self.stdout.write(f"{customers} customers recomputed as of {as_of} in {perf_counter() - start:.1f} s")
        self._links(as_of)
        if as_of < today and (items := undated_items()):
            self.stdout.write(
                f"{items} open items come without dated payments: their open amount is today's, not that of {as_of}. "
                f"Only figures stored on the day itself are exact for them."
            )
        if current_day() != as_of:
            self.stdout.write(f"Pages keep showing {current_day() or 'no day yet'}.")

    def _weeks(self, today: date, weeks: int) -> None:
        """Past Sundays, so that what moves from week to week shows from the first day on."""
        start = perf_counter()
        sunday = today - timedelta(days=today.isoweekday())
        wanted = {sunday - timedelta(weeks=number) for number in range(weeks)}
        missing = sorted(wanted - set(RollupDay.objects.filter(as_of__in=wanted).values_list("as_of", flat=True)))
        for day in missing:
            recompute_all(day, current=False)
        self.stdout.write(f"{len(missing)} weeks stored in {perf_counter() - start:.1f} s")

    def _links(self, as_of: date) -> None:
        linked = AccountLink.objects.filter(status=LinkStatus.LINKED).count()
        currency = hub().company.reporting_currency
        self.stdout.write(f"{linked} ERP customers linked")
        summary = unlinked_summary(as_of)
        for group in summary.groups:
            self.stdout.write(
                f"{group.customers} {group.status.label.lower()}: revenue of 12 months {group.revenue_12m:,.2f}, "
                f"overdue {group.overdue:,.2f} {currency}"
            )
        if summary.documents_without_customer:
            self.stdout.write(f"{summary.documents_without_customer} documents name no customer and count nowhere")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        today = local_day(timezone.now())
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as {today:%Y-%m-%d}") from error
