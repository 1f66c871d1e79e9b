"""The reports that somebody may have: those of the catalogue, and the segments that are his or shared with him."""

from customers.access import User, hidden_columns
from reports.catalogue import reports_for
from reports.segments.report import offered_segments, segment_report
from reports.shape import Report


def offered_report(name: str, user: User) -> Report | None:
    """The report of that name as the user may see it; None for none, and for one that rests on hidden figures."""
    found = next((each for each in reports_for(hidden_columns(user)) if each.name == name), None)
    return found or segment_report(name, user)


def offered_titles(user: User) -> dict[str, str]:
    """The titles of all of them by name."""
    reports = (*reports_for(hidden_columns(user)), *offered_segments(user))
    return {report.name: report.title for report in reports}
