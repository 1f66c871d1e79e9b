"""Shows on the terminal how the first rows of streams come and how they would be stored."""

from collections.abc import Sequence

from django.core.management.base import CommandError
from rich.console import Console
from rich.table import Table

from integration_hub.config import StreamConfig
from integration_hub.preview import Preview, PreviewRow, preview
from integration_hub.sources import Source, SourceProblem, opened_source

LONGEST = 60


def show_previews(names: Sequence[str], stream: str, console: Console) -> None:
    """Every wanted stream of these sources. Raises CommandError where a source cannot be read."""
    for name in names:
        try:
            with opened_source(name) as source:
                source.check()
                for each in _chosen(source, stream):
                    _show(console, name, preview(source, each))
        except SourceProblem as problem:
            raise CommandError(str(problem)) from problem


def _chosen(source: Source, stream: str) -> list[StreamConfig]:
    return [each for each in source.streams if stream in {"", each.name}]


def _show(console: Console, source: str, found: Preview) -> None:
    title = f"{source}.{found.stream.name} -> {found.stream.target}"
    if not found.rows:
        console.print(f"{title}: {found.reason}", markup=False)
        return
    console.print(f"\n{title}: the first {len(found.rows)} rows; nothing was written.", markup=False, style="bold")
    for number, row in enumerate(found.rows, 1):
        console.print(_table(number, found.stream, row))
    if found.unused:
        console.print(f"Not loaded: {', '.join(found.unused)}.", markup=False)


def _table(number: int, stream: StreamConfig, row: PreviewRow) -> Table:
    """One row: each mirror column with its value, beside the source's columns that it is made of."""
    state = "left out by a filter" if row.left_out else "would be rejected" if row.problems else "would be stored"
    table = Table("Column", "Stored as", "From", title=f"Row {number}: {state}", title_justify="left", show_edge=False)
    for name, value in row.mapped.items():
        problem = row.problems.get(name)
        shown = f"REFUSED: {problem}" if problem else _short(value)
        table.add_row(name, shown, _origin(stream, name, row))
    return table


def _origin(stream: StreamConfig, name: str, row: PreviewRow) -> str:
    column = stream.columns.get(name)
    if column is not None and column.constant is not None:
        return "(constant)"
    sources = column.source if column is not None else (name,)
    return ", ".join(f"{each} = {_short(row.raw.get(each))}" for each in sources)


def _short(value: str | None) -> str:
    if value is None:
        return "–"
    text = value if value.isprintable() else repr(value)[1:-1]
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(value):,} characters)"
