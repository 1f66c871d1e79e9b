"""`manage.py export REPORT`: a report as a file, as an analyst sees it."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from customers.calendar import comparable_days, current_day
from reports.asking import read_question
from reports.catalogue import get_report, reports
from reports.exporting import prepare
from reports.exports import Export, NotExported, csv_lines, write_xlsx
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
    """Export any report of the catalogue."""

    help = "Write a report as CSV or XLSX, as an analyst sees it. --list names the reports."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("report", nargs="?")
        parser.add_argument("--list", action="store_true", help="name the reports and stop")
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
            for report in reports().values():
                self.stdout.write(f"{report.name}: {report.description}")
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
            if not options["report"]:
                raise CommandError(f"Name a report: {', '.join(reports())}.")
            report = get_report(options["report"])
            filters = _filters(report, options["filter"])
            as_of = self._day(options["as_of"])
            return prepare(report, read_question(report, filters, user=None, as_of=as_of))
        except KeyError as error:
            raise CommandError(error.args[0]) from error
        except BadParameter as error:
            raise CommandError(str(error)) from error

    def _day(self, asked: date | None) -> date:
        day = asked or current_day()
        if day is None or not comparable_days().filter(as_of=day).exists():
            command = f"manage.py rollup --as-of {day}" if day else "manage.py rollup"
            raise CommandError(f"There are no rollups of {day or 'any day'}: run `{command}` first.")
        return day


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-02-28") from error
