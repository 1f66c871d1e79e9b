"""From a URL, or the filters of a command, to the question that a report answers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from customers import formats
from customers.access import User, hidden_columns
from customers.calendar import current_day
from customers.hidden import hidden_fields
from integration_hub.config import hub
from reports.parameters import BadParameter, read_parameters
from reports.shape import Question, Report


class OtherDay(BadParameter):
    """A report that is of the newest day alone was asked for another; the text says why."""


def read_question(report: Report, given: Mapping[str, str], *, user: User | None, as_of: date) -> Question:
    """What these parameters ask, of the day that they name or else of the given one. A filter that would give a hidden
    figure away is left out. Raises BadParameter, also where the report knows the newest day alone and this is another.
    """
    hidden = hidden_columns(user) if user is not None else frozenset()
    values = read_parameters(report.parameters, given)
    chosen = values.get("field")
    if chosen is not None and chosen.name in hidden_fields(hidden):
        values["field"] = None
    for each in report.parameters:
        if not each.may_choose(values[each.name], hidden):
            values[each.name] = each.usual
    day = values.get("day") or as_of
    _check_day(report, day)
    return replace(
        usual_question(report, user=user, as_of=day),
        values=values,
        sort=given.get("sort") or report.sort,
        descending=given.get("order", "desc") != "asc",
    )


def _check_day(report: Report, day: date) -> None:
    newest = current_day()
    if report.newest_only and newest is not None and day != newest:
        raise OtherDay(
            f"“{report.title}” cannot be made of {formats.day(day)}: {report.newest_only} "
            f"Take it of {formats.day(newest)}, the newest day."
        )


def usual_question(report: Report, *, user: User | None, as_of: date) -> Question:
    """What a report shows to whoever asks for nothing in particular."""
    return Question(
        as_of=as_of,
        currency=hub().company.reporting_currency,
        user=user,
        hidden=hidden_columns(user) if user is not None else frozenset(),
        values={each.name: each.usual for each in report.parameters},
        sort=report.sort,
    )
