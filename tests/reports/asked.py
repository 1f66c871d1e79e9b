"""Ask a report as a page or the command would."""

from typing import Any

from reports.asking import read_question
from reports.catalogue import get_report
from reports.shape import Answer, Question, Table
from tests.reports.world import DAY


def question_of(name: str, user: Any = None, **given: str) -> Question:
    """The question that these parameters of the URL ask."""
    return read_question(get_report(name), given, user=user, as_of=DAY)


def answer_of(name: str, user: Any = None, **given: str) -> Answer:
    """Its answer."""
    return get_report(name).answer(question_of(name, user, **given))


def dicts(table: Table) -> list[dict[str, Any]]:
    """The rows by column name."""
    names = [column.name for column in table.columns]
    return [dict(zip(names, row.cells, strict=True)) for row in table.rows.stream()]


def foot(table: Table) -> dict[str, Any]:
    """The totals by column name."""
    return dict(zip([column.name for column in table.columns], table.rows.totals(), strict=True))
