"""Who may export, and what an export file says about itself."""

import tomllib
from dataclasses import dataclass
from functools import cache

from django.http import FileResponse
from django.utils import timezone

from customers import workbook
from customers.access import User, role
from customers.calendar import fiscal_year
from customers.companies import company_names
from integration_hub.config import hub
from integration_hub.environment import BASE_DIR
from integration_hub.freshness import freshness, read_words
from reports.export_seal import Seal
from reports.export_xlsx import write_xlsx
from reports.exports import Export
from reports.shape import Question, Report

NUMBER = "Export"


def may_export(user: User) -> bool:
    """Exporting is a right of its own, beside seeing."""
    return user.is_active and role(user) in hub().access.export


@dataclass(frozen=True)
class ExportButton:
    """A kind of file; `at_once` is whether it is made while one waits, or in the background."""

    kind: str
    label: str
    at_once: bool


def buttons(user: User, rows: int) -> tuple[ExportButton, ...]:
    """What a reader may do with so many rows; nothing without the right."""
    if not may_export(user):
        return ()
    return ExportButton("csv", "CSV", at_once("csv", rows)), ExportButton("xlsx", "Excel", at_once("xlsx", rows))


def at_once(kind: str, rows: int) -> bool:
    """Whether a file of so many rows is made while one waits."""
    limits = hub().exports
    return rows <= (limits.csv_rows if kind == "csv" else limits.xlsx_rows)


def prepare(report: Report, question: Question, *, number: int | None = None) -> Export:
    """The export of what a question asks; `number` is that under which it is kept."""
    answer, user = report.answer(question), question.user
    fiscal = fiscal_year(question.as_of)
    facts = (
        *(((NUMBER, str(number)),) if number else ()),
        ("Report", report.title),
        ("Company", hub().company.name),
        ("Figures as of", question.as_of.isoformat()),
        ("Currency", question.currency),
        ("Fiscal year", f"{fiscal.label}, {fiscal.start.isoformat()} to {fiscal.end.isoformat()}"),
        ("Documents of", ", ".join(company_names()) or "all companies"),
        *(("Filter", line) for line in answer.words),
        *(("Note", line) for line in answer.notes),
        *((f"{source.label} read", read_words(source)) for source in freshness()),
        ("Made at (UTC)", timezone.now().strftime("%Y-%m-%d %H:%M")),
        ("Made by", user.get_username() if user else "command line"),
        ("Made with", f"Customer 360 {version()}"),
    )
    return Export(report, answer, question.as_of, question.currency, facts, user)


@cache
def version() -> str:
    """The version of this program, as pyproject.toml names it."""
    found = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(found["project"]["version"])


def xlsx_response(export: Export, seal: Seal | None = None) -> FileResponse:
    """The workbook as a download; raises NotExported where there is none."""
    return workbook.xlsx_response(lambda file: write_xlsx(export, file, seal))
