"""Customers told apart by rules over their figures: the classes of a report, their sums, and the choice of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from customers.measures import get_measure
from customers.models import CustomerRollup
from customers.segments import Rules, case_of
from reports.columns import KIND_OF_UNIT, Cell, CellKind, Column, Row, Total, cents
from reports.parameters import Parameter, ParameterKind
from reports.rows import ListedRows
from reports.shape import Question, Report, Table, figure_url

FEWEST_TO_TELL_APART = 2
# A further column of an overview, and its cell from the sums of a class by measure.
Derived = tuple[Column, Callable[[Mapping[str, Any]], Cell]]


@dataclass(frozen=True, kw_only=True)
class Classes:
    """Classes by name with their labels, in order. Rules are tried in turn and the last one, None, takes the rest, so
    that every customer is in exactly one.
    """

    labels: Mapping[str, str]
    label: str = "Class"
    noun: str = "class,classes"

    @property
    def parameter(self) -> Parameter:
        """The choice of one class."""
        choices = (("", "All"), *self.labels.items())
        return Parameter(name="class", label=self.label, kind=ParameterKind.CHOICE, choices=choices)

    def column(self, rules: Rules) -> Column:
        """The class of each customer in words."""
        return Column(name="class", label=self.label, value=case_of(rules, self.labels))

    def classified(self, rollups: QuerySet[CustomerRollup], rules: Rules) -> QuerySet[Any]:
        """The rollups with their class as `class_name`."""
        return rollups.annotate(class_name=case_of(rules))

    def chosen(self, classified: QuerySet[Any], question: Question) -> QuerySet[Any]:
        """Those of the chosen class; all where none is chosen."""
        name = question.values.get("class")
        return classified.filter(class_name=name) if name else classified

    def overview(
        self,
        classified: QuerySet[Any],
        measures: Sequence[str],
        question: Question,
        report: Report,
        *,
        title: str,
        shares_of: tuple[str, Decimal] | None = None,
        derived: Sequence[Derived] = (),
    ) -> Table:
        """One row for each class, also for one without customers; sums of the measures, hidden ones left out, each with
        the documents that make it, and what is `derived` from them.
        `shares_of` names one of them and the amount that is 100%: then each class has its share.
        """
        shown = [name for name in measures if name not in question.hidden]
        sums = {f"sum_{name}": Sum(get_measure(name).column) for name in shown}
        found = {
            row["class_name"]: row
            for row in classified.order_by().values("class_name").annotate(customers=Count("pk"), **sums)
        }
        rows = [self._row(name, found.get(name, {}), shown, derived) for name in self.labels]

        def members(keys: Mapping[str, Any]) -> str:
            return f"?{report.query(question, **{'class': keys['class']})}"

        columns = [
            Column(name="class", label=self.label),
            Column(
                name="customers",
                label="Customers",
                kind=CellKind.COUNT,
                total=Total(""),
                url=lambda row: members(row.keys),
                total_url=f"?{report.query(question, **{'class': ''})}",
            ),
            *(_sum_column(name, report, question) for name in shown),
            *(column for column, _ in derived),
        ]
        if shares_of and shares_of[1]:
            rows = _with_shares(rows, shown.index(shares_of[0]) + 2, shares_of[1])
            columns.append(Column(name="share", label="Share", kind=CellKind.PERCENT, total=Total("")))
        return Table(
            title=title,
            columns=tuple(columns),
            rows=ListedRows(tuple(rows), tuple(columns)),
            row_url=members,
            noun=self.noun,
        )

    def words(self, question: Question) -> tuple[str, ...]:
        """The choice in words."""
        name = question.values.get("class")
        return (f"{self.label}: {self.labels[name]}",) if name else ()

    def notes(self, overview: Table) -> tuple[str, ...]:
        """A sentence where the classes tell nobody apart."""
        counts = {str(row.cells[0]): int(row.cells[1] or 0) for row in overview.rows[0 : len(self.labels)]}  # type: ignore[arg-type]
        filled = [label for label, count in counts.items() if count]
        if len(filled) != 1 or counts[filled[0]] < FEWEST_TO_TELL_APART:
            return ()
        return (f"All {counts[filled[0]]:,} customers are in one class, “{filled[0]}”: nothing here tells them apart.",)

    def _row(self, name: str, row: Mapping[str, Any], shown: Sequence[str], derived: Sequence[Derived]) -> Row:
        sums = {each: row.get(f"sum_{each}") or 0 for each in shown}
        further = (cell(sums) for _, cell in derived)
        return Row((self.labels[name], row.get("customers", 0), *sums.values(), *further), {"class": name})


def _with_shares(rows: Sequence[Row], place: int, whole: Decimal) -> list[Row]:
    """Shares in percent to two decimals that add up to that of all classes, which is 100 unless some customers are left
    out: the largest class takes what rounding leaves.
    """
    parts = [max(Decimal(0), Decimal(str(row.cells[place]))) for row in rows]
    shares = [cents(part * 100 / whole) for part in parts]
    largest = parts.index(max(parts))
    shares[largest] += cents(sum(parts, Decimal(0)) * 100 / whole) - sum(shares, Decimal(0))
    return [Row((*row.cells, share), row.keys) for row, share in zip(rows, shares, strict=True)]


def _sum_column(name: str, report: Report, question: Question) -> Column:
    measure = get_measure(name)
    return Column(
        name=name,
        label=measure.label,
        kind=KIND_OF_UNIT[measure.unit],
        total=Total(""),
        measure=name,
        url=lambda row: figure_url(report, question, name, **{"class": row.keys["class"]}),
        total_url=figure_url(report, question, name, **{"class": ""}),
        definition=measure.definition,
    )
