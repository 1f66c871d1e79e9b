"""Checks a file that was exported here: is it as it was made, and which rows would be others today?"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from customers.access import User, role
from customers.calendar import comparable_days, current_day
from customers.history import bring
from reports.asking import OtherDay, read_question
from reports.export_copy import snapshot
from reports.export_files import finished
from reports.export_seen import why_not
from reports.export_uploads import MOST_ROWS, NotChecked, Uploaded, read_file, read_upload
from reports.export_xlsx import ABOUT
from reports.exports import csv_text, headings
from reports.models import ExportJob
from reports.offered import offered_report
from reports.parameters import BadParameter
from reports.shape import Answer, Report
from reports.sheet_texts import sheet_text

__all__ = ["Checked", "NotChecked", "check_file"]

SHOWN = 200
# Columns that tell rows of the same name apart.
TELLING = frozenset({"erp_numbers", "customer_number"})
FOREIGN = (
    "This file is not among the exports that you made here, so there is nothing to compare it with. Take one with its "
    "name as it was downloaded, or choose the export beside the file."
)


@dataclass(frozen=True)
class Change:
    """A cell that differs: row of the file (0: not in it), what it is about, column, and both texts."""

    row: int
    name: str
    column: str
    then: str
    now: str


@dataclass(frozen=True)
class Comparison:
    """What differs between the file and figures of a day; at most SHOWN of `count` changes are listed."""

    title: str
    day: date | None
    changes: tuple[Change, ...]
    count: int
    note: str = ""


@dataclass(frozen=True)
class Checked:
    """The result. `intact` is whether all that the control sum covers is as it was written: for exports of earlier
    versions the rows alone, which `covers_all` tells.
    """

    job: ExportJob
    report: Report
    rows: int
    intact: bool
    control_sum: str
    comparisons: tuple[Comparison, ...]

    @property
    def covers_all(self) -> bool:
        """Whether headings, totals and further sheets were compared as well."""
        return bool(self.job.frame)


def check_file(file: Any, user: User, *, number: str = "") -> Checked:
    """Compare an uploaded file with its record, its kept copy, that day and today. Raises NotChecked."""
    given = read_upload(file)
    job = _record(user, number or given.number, given)
    report = offered_report(job.report, user)
    if report is None:
        raise NotChecked("The report of this file is not there any more for your login.")
    if refused := why_not(job, user):
        raise NotChecked(refused)
    digest = given.control_sum() if job.frame else given.rows_sum()
    intact = digest == job.control_sum and len(given.rows) == job.rows_done
    comparisons = [] if intact else [*_around(given, job), *_kept(given, job)]
    today = current_day()
    if job.as_of != today and comparable_days().filter(as_of=job.as_of).exists():
        bring(job.as_of)
        title = "Figures of that day, computed from what is known today"
        comparisons.append(_against(given, report, job, user, title, job.as_of))
    if today is not None:
        comparisons.append(_against(given, report, job, user, "Figures of today", today))
    return Checked(job, report, len(given.rows), intact, digest, tuple(comparisons))


def _record(user: User, number: str, given: Uploaded) -> ExportJob:
    """The export that the file comes from, among those that the user may know of."""
    known = ExportJob.objects.exclude(control_sum="").filter(format=given.kind)
    if role(user) != "administrator":
        known = known.filter(user=user.pk)
    found = known.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    found = found or known.filter(control_sum__in=[given.control_sum(), given.rows_sum()]).first()
    if found is None:
        raise NotChecked(FOREIGN)
    return found


def _around(given: Uploaded, job: ExportJob) -> Iterator[Comparison]:
    """What was altered around the rows: headings, totals and further sheets."""
    if not job.frame:
        return
    labels = [str(label) for label in job.frame["headings"]]
    lines = [("Headings", 1, labels, given.headings), ("Totals", len(given.rows) + 2, job.frame["totals"], given.foot)]
    changes = [
        Change(row, name, label, now, then)
        for name, row, made, found in lines
        for label, then, now in zip_longest(labels, made, found, fillvalue="")
        if then != now
    ]
    sheets: dict[str, list[list[str]]] = job.frame["sheets"]
    for name in [*sheets, *(name for name in given.sheets if name not in sheets)]:
        changes += _sheet_changes(name, given.sheets.get(name), sheets.get(name))
    if changes:
        yield _comparison("Headings, totals and further sheets as they were made", job.as_of, changes)


def _sheet_changes(name: str, found: list[list[str]] | None, made: list[list[str]] | None) -> Iterator[Change]:
    if found is None or made is None:
        yield Change(
            0,
            name,
            "The whole sheet",
            "in the file" if made is None else "not in the file",
            "there" if made else "not there",
        )
        return
    heads = made[0] if made else []
    nothing: list[str] = []
    for place, (then, now) in enumerate(zip_longest(made, found, fillvalue=nothing), 1):
        for column, (before, after) in enumerate(zip_longest(then, now, fillvalue="")):
            if before != after:
                # On the sheet About each row begins with its name.
                label = then[0] if name == ABOUT and then else heads[column] if column < len(heads) else ""
                yield Change(place, name, label, after, before)


def _kept(given: Uploaded, job: ExportJob) -> Iterator[Comparison]:
    """What was altered in the file, cell by cell, while the file as it was made is still kept."""
    path = finished(job)
    if path is None:
        return
    with path.open("rb") as file:
        made = read_file(file, path.name)
    if len(made.headings) != len(given.headings):
        note = "The file has more or fewer columns than it was made with, so its rows cannot be compared."
        yield Comparison("The rows as they were made", job.as_of, (), 0, note)
        return
    places = list(range(len(made.headings)))
    changes = list(_changes(given.rows, iter(made.rows), made.headings, [places[0]]))
    yield _comparison("The rows as they were made", job.as_of, changes)


def _against(given: Uploaded, report: Report, job: ExportJob, user: User, title: str, day: date) -> Comparison:
    """The file beside what the same question gives for a day."""
    write: Callable[[Any], str] = csv_text if given.kind == "csv" else sheet_text
    try:
        with snapshot():
            answer = report.answer(read_question(report, job.question, user=user, as_of=day))
            if answer.rows.count() > MOST_ROWS:
                return Comparison(title, day, (), 0, f"More than {MOST_ROWS:,} rows: too many to compare here.")
            labels = headings(answer, _currency(report, job, user, day))
            if labels != given.headings:
                return Comparison(title, day, (), 0, "The report has other columns now, so rows cannot be compared.")
            rows = ([write(cell) for cell in row.cells] for row in answer.rows.stream())
            changes = list(_changes(given.rows, rows, labels, _telling(answer)))
    except OtherDay as other:
        return Comparison(title, day, (), 0, str(other))
    except BadParameter as bad:
        return Comparison(title, day, (), 0, f"The filters of the file cannot be used any more. {bad}")
    return _comparison(title, day, changes)


def _currency(report: Report, job: ExportJob, user: User, day: date) -> str:
    return read_question(report, job.question, user=user, as_of=day).currency


def _telling(answer: Answer) -> list[int]:
    return [0, *(place for place, column in enumerate(answer.columns) if column.name in TELLING)]


def _comparison(title: str, day: date, changes: Sequence[Change]) -> Comparison:
    return Comparison(title, day, tuple(changes[:SHOWN]), len(changes))


def _changes(
    then: list[list[str]], now: Iterator[list[str]], labels: Sequence[str], telling: Sequence[int]
) -> Iterator[Change]:
    """Cells that differ, rows that are gone and rows that are new. Rows are the same by name and number; of several
    alike the first belongs to the first.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    places: dict[tuple[Any, ...], int] = {}
    for place, row in enumerate(then):
        key = tuple(row[each] for each in telling)
        seen[key] += 1
        places[(*key, seen[key])] = place
    seen.clear()
    for row in now:
        key = tuple(row[each] for each in telling)
        seen[key] += 1
        found = places.pop((*key, seen[key]), None)
        if found is None:
            yield Change(0, row[0], "The whole row", "not in the file", "there")
        else:
            for label, before, after in zip(labels, then[found], row, strict=True):
                if before != after:
                    yield Change(found + 2, row[0], label, before, after)
    for found in places.values():
        yield Change(found + 2, then[found][0], "The whole row", "in the file", "not there")
