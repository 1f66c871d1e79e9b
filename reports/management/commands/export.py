"""`manage.py export REPORT`: a report or a saved segment as a file, as an analyst or as a login sees it."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from customers.calendar import comparable_days, current_day
from customers.history.days import bring
from reports.asking import read_question
from reports.export_csv import csv_lines
from reports.export_xlsx import write_xlsx
from reports.exporting import may_export, prepare
from reports.exports import Export, NotExported
from reports.offered import command_name, command_report, command_reports
from reports.parameters import BadParameter
from reports.shape import Report


def _filters(report: Report, pairs: list[str]) -> dict[str, str]:
    """The filters by name; an unknown one is refused, because it would silently export everything."""
    known = [*(parameter.name for parameter in report.parameters), "sort", "order"]
    filters = dict(pair.partition("=")[::2] for pair in pairs)
    unknown = sorted(set(filters) - set(known))
    if unknown:
        raise CommandError(f"There is no filter {', '.join(unknown)}; there are: {', '.join(known)}.")
    return filters


class Command(BaseCommand):
    """Export any report of the catalogue, and saved segments."""

    help = (
        "Write a report as CSV or XLSX, as an analyst sees it; a saved segment is named segment:12 or "
        '"segment:Good payers". --list names them all.'
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("report", nargs="?")
        parser.add_argument("--list", action="store_true", help="name the reports and segments and stop")
        parser.add_argument("--user", help="as this login sees it, with its own segments; it needs the right to export")
        parser.add_argument(
            "--as-of", type=_day, metavar="DATE", help="a day that has rollups; default the current one"
        )
        parser.add_argument("--format", choices=("csv", "xlsx"), default="csv")
        parser.add_argument(
            "--output", type=Path, help="default: standard output for CSV, <report>-<day>.xlsx for XLSX"
        )
        parser.add_argument(
            "--filter", action="append", default=[], metavar="K=V", help="as in the page's URL; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for report in command_reports(_user(options["user"])):
                words = ": ".join(filter(None, (report.title, report.description)))
                named = command_name(report)
                self.stdout.write(f"{named}: {report.description if named == report.name else words}")
            return
        export = self._prepared(options)
        as_of = export.as_of
        output: Path | None = options["output"]
        if options["format"] == "xlsx":
            output = output or Path(f"{export.report.name}-{as_of}.xlsx")
            try:
                count = write_xlsx(export, output)
            except NotExported as error:
                raise CommandError(str(error)) from error
            self.stderr.write(f"{output}: {count} rows, figures as of {as_of}")
        elif output:
            try:
                with output.open("w", encoding="utf-8", newline="") as file:
                    file.writelines(csv_lines(export))
            except OSError as error:
                raise CommandError(
                    f"{output} could not be written: {error.strerror}. Name another --output."
                ) from error
            self.stderr.write(f"{output}: figures as of {as_of}")
        else:
            sys.stdout.writelines(csv_lines(export))

    def _prepared(self, options: dict[str, Any]) -> Export:
        try:
            user = _user(options["user"])
            if not options["report"]:
                names = ", ".join(command_name(report) for report in command_reports(user))
                raise CommandError(f"Name a report: {names}.")
            report = command_report(options["report"], user)
            filters = _filters(report, options["filter"])
            as_of = self._day(options["as_of"])
            return prepare(report, read_question(report, filters, user=user, as_of=as_of))
        except KeyError as error:
            raise CommandError(error.args[0]) from error
        except BadParameter as error:
            raise CommandError(str(error)) from error

    def _day(self, asked: date | None) -> date:
        day = asked or current_day()
        if day is None or not comparable_days().filter(as_of=day).exists():
            command = f"manage.py rollup --as-of {day}" if day else "manage.py rollup"
            raise CommandError(f"There are no rollups of {day or 'any day'}: run `{command}` first.")
        bring(day)
        return day


def _user(name: str | None) -> User | None:
    """The login to export as."""
    if name is None:
        return None
    user = User.objects.filter(username=name).first()
    if user is None or not may_export(user):
        raise CommandError(f"The login {name} may not export." if user else f"There is no login {name}.")
    return user


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-02-28") from error
