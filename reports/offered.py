"""The reports that somebody may have: those of the catalogue, and the segments that are his or shared with him."""

from customers.access import User, hidden_columns
from customers.models import Segment
from reports.catalogue import reports, reports_for
from reports.segments.report import PREFIX, offered_segments, report_of, segment_report
from reports.shape import Report

# How a command names a segment: "segment:12" or "segment:Good payers".
BY_NAME = "segment:"


def offered_report(name: str, user: User) -> Report | None:
    """The report of that name as the user may see it; None for none, and for one that rests on hidden figures."""
    found = next((each for each in reports_for(hidden_columns(user)) if each.name == name), None)
    return found or segment_report(name, user)


def offered_titles(user: User) -> dict[str, str]:
    """The titles of all of them by name."""
    return {report.name: report.title for report in command_reports(user)}


def command_reports(user: User | None) -> tuple[Report, ...]:
    """What a command can export: for a login what it may see, else the catalogue and the segments shared with all."""
    if user is not None:
        return (*reports_for(hidden_columns(user)), *offered_segments(user))
    return (*reports().values(), *(report_of(each) for each in Segment.objects.filter(shared=True)))


def command_report(asked: str, user: User | None) -> Report:
    """One of these by its name; a segment also as "segment:12" or "segment:" and its name, in capitals or not. KeyError
    says what there is instead.
    """
    offered = command_reports(user)
    wanted = asked.removeprefix(BY_NAME).strip()
    if wanted == asked:
        found = [report for report in offered if report.name == asked]
    else:
        segments = [report for report in offered if report.name.startswith(PREFIX)]
        found = [report for report in segments if report.name == f"{PREFIX}{wanted}"]
        found = found or [report for report in segments if report.title.casefold() == wanted.casefold()]
    if len(found) > 1:
        names = ", ".join(f"{BY_NAME}{report.name.removeprefix(PREFIX)}" for report in found)
        raise KeyError(f"{len(found)} segments are called {wanted!r}: name one of {names}.")
    if not found:
        raise KeyError(f"There is no report {asked!r}; there are: {', '.join(command_name(each) for each in offered)}.")
    return found[0]


def command_name(report: Report) -> str:
    """How a command names a report: "segment:12" for the report "segment-12"."""
    number = report.name.removeprefix(PREFIX)
    return report.name if number == report.name else f"{BY_NAME}{number}"
