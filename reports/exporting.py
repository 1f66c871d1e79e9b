"""Who may export, and what an export file says about itself."""

import tempfile
from contextlib import suppress
from datetime import date

from django.http import FileResponse
from django.utils import timezone

from customers.access import role
from integration_hub.config import hub
from integration_hub.freshness import freshness
from reports.catalogue import Report, User, rollups_of
from reports.exports import Export, csv_lines, disk_full_told, write_xlsx
from reports.segmentation import Selection

__all__ = ["csv_lines", "may_export", "prepare", "xlsx_response"]

EXPORTING_ROLES = {"analyst", "administrator"}


def may_export(user: User) -> bool:
    """Exporting is a right of its own, beside seeing."""
    return role(user) in EXPORTING_ROLES


def prepare(report: Report, selection: Selection, *, user: User | None, as_of: date) -> Export:
    """The export of a selection at a day. Without a user (command line) it holds what an analyst sees."""
    company = hub().company
    rows = report.rows(rollups_of(user, as_of), selection)
    facts = (
        ("Report", report.title),
        ("Company", company.name),
        ("Figures as of", as_of.isoformat()),
        ("Currency", company.reporting_currency),
        *(("Filter", line) for line in report.words(selection, company.reporting_currency)),
        *((f"{source.label} read", _instant(source.as_of)) for source in freshness()),
        ("Made at (UTC)", timezone.now().strftime("%Y-%m-%d %H:%M")),
        ("Made by", user.get_username() if user else "command line"),
    )
    return Export(report, rows, as_of, company.reporting_currency, facts)


def _instant(moment: object) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if hasattr(moment, "strftime") else "never"


def xlsx_response(export: Export, content_type: str) -> FileResponse:
    """The workbook as a download. It is written to a temporary file first: a full disk raises DiskFull, and never
    gives a cut file.
    """
    with disk_full_told():
        file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    try:
        write_xlsx(export, file)
    except BaseException:
        # Closing writes what is left, which a full disk refuses once more.
        with suppress(OSError):
            file.close()
        raise
    file.seek(0)
    return FileResponse(file, content_type=content_type)
