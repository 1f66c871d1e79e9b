"""Who may export, and what an export file says about itself."""

from datetime import date

from django.http import FileResponse
from django.utils import timezone

from customers import workbook
from customers.access import role
from customers.calendar import fiscal_year
from customers.companies import company_names
from integration_hub.config import hub
from integration_hub.freshness import freshness
from reports.catalogue import Report, User, rollups_of
from reports.exports import Export, csv_lines, write_xlsx
from reports.segmentation import Selection

__all__ = ["csv_lines", "may_export", "prepare", "xlsx_response"]

EXPORTING_ROLES = {"analyst", "administrator"}


def may_export(user: User) -> bool:
    """Exporting is a right of its own, beside seeing."""
    return role(user) in EXPORTING_ROLES


def prepare(report: Report, selection: Selection, *, user: User | None, as_of: date) -> Export:
    """The export of a selection at a day. Without a user (command line) it holds what an analyst sees."""
    company, fiscal = hub().company, fiscal_year(as_of)
    rows = report.rows(rollups_of(user, as_of), selection)
    facts = (
        ("Report", report.title),
        ("Company", company.name),
        ("Figures as of", as_of.isoformat()),
        ("Currency", company.reporting_currency),
        ("Fiscal year", f"{fiscal.label}, {fiscal.start.isoformat()} to {fiscal.end.isoformat()}"),
        ("Documents of", ", ".join(company_names()) or "all companies"),
        *(("Filter", line) for line in report.words(selection, company.reporting_currency)),
        *((f"{source.label} read", _instant(source.as_of)) for source in freshness()),
        ("Made at (UTC)", timezone.now().strftime("%Y-%m-%d %H:%M")),
        ("Made by", user.get_username() if user else "command line"),
    )
    return Export(report, rows, as_of, company.reporting_currency, facts)


def _instant(moment: object) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if hasattr(moment, "strftime") else "never"


def xlsx_response(export: Export, content_type: str) -> FileResponse:
    """The workbook as a download; raises NotExported where there is none."""
    return workbook.xlsx_response(lambda file: write_xlsx(export, file), content_type)
