"""Who may export, and what an export file says about itself."""

from django.http import FileResponse
from django.utils import timezone

from customers import workbook
from customers.access import User, role
from customers.calendar import fiscal_year
from customers.companies import company_names
from integration_hub.config import hub
from integration_hub.freshness import freshness
from reports.exports import Export, csv_lines, write_xlsx
from reports.shape import Question, Report

__all__ = ["csv_lines", "may_export", "prepare", "xlsx_response"]

EXPORTING_ROLES = {"analyst", "administrator"}


def may_export(user: User) -> bool:
    """Exporting is a right of its own, beside seeing."""
    return role(user) in EXPORTING_ROLES


def prepare(report: Report, question: Question) -> Export:
    """The export of what a question asks."""
    answer, user = report.answer(question), question.user
    fiscal = fiscal_year(question.as_of)
    facts = (
        ("Report", report.title),
        ("Company", hub().company.name),
        ("Figures as of", question.as_of.isoformat()),
        ("Currency", question.currency),
        ("Fiscal year", f"{fiscal.label}, {fiscal.start.isoformat()} to {fiscal.end.isoformat()}"),
        ("Documents of", ", ".join(company_names()) or "all companies"),
        *(("Filter", line) for line in answer.words),
        *(("Note", line) for line in answer.notes),
        *((f"{source.label} read", _instant(source.as_of)) for source in freshness()),
        ("Made at (UTC)", timezone.now().strftime("%Y-%m-%d %H:%M")),
        ("Made by", user.get_username() if user else "command line"),
    )
    return Export(report, answer, question.as_of, question.currency, facts)


def _instant(moment: object) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if hasattr(moment, "strftime") else "never"


def xlsx_response(export: Export, content_type: str) -> FileResponse:
    """The workbook as a download; raises NotExported where there is none."""
    return workbook.xlsx_response(lambda file: write_xlsx(export, file), content_type)
