"""From a URL, or the filters of a command, to the question that a report answers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from customers.access import User, hidden_columns
from customers.hidden import hidden_fields
from integration_hub.config import hub
from reports.parameters import read_parameters
from reports.shape import Question, Report


def read_question(report: Report, given: Mapping[str, str], *, user: User | None, as_of: date) -> Question:
    """What these parameters ask. A filter that would give a hidden figure away is left out. Raises BadParameter."""
    hidden = hidden_columns(user) if user is not None else frozenset()
    values = read_parameters(report.parameters, given)
    chosen = values.get("field")
    if chosen is not None and chosen.name in hidden_fields(hidden):
        values["field"] = None
    return replace(
        usual_question(report, user=user, as_of=as_of),
        values=values,
        sort=given.get("sort") or report.sort,
        descending=given.get("order", "desc") != "asc",
    )


def usual_question(report: Report, *, user: User | None, as_of: date) -> Question:
    """What a report shows to whoever asks for nothing in particular."""
    return Question(
        as_of=as_of,
        currency=hub().company.reporting_currency,
        user=user,
        hidden=hidden_columns(user) if user is not None else frozenset(),
        values={each.name: each.default for each in report.parameters},
        sort=report.sort,
    )
