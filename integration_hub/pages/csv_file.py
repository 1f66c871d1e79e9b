"""Rows as a CSV file that begins at once, however long it is, and that a spreadsheet opens without running anything."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils import timezone

from integration_hub.freshness import freshness, read_words
from integration_hub.spreadsheet_cells import safe


class _Echo:
    """A file that hands back what is written, for the CSV writer."""

    def write(self, value: str) -> str:
        return value


def with_foot(rows: Iterable[Sequence[str]], *facts: str) -> Iterator[Sequence[str]]:
    """The rows, whose first is the head, and a last one that says how many these are and, from its second cell on,
    what is to be known of them: the given facts, as of when each source was read, and when the file was made.
    """
    count = -1
    for row in rows:
        count += 1
        yield row
    read = (f"{source.label}: {'read ' if source.as_of else ''}{read_words(source)}" for source in freshness())
    made = f"Made at {timezone.now():%Y-%m-%d %H:%M} UTC"
    yield (f"Total of {count} rows", *(safe(fact) for fact in (*facts, *read, made)))


def csv_answer(rows: Iterable[Sequence[str]], name: str) -> StreamingHttpResponse:
    """The rows as a download of that name; the first row is the head."""
    writer = csv.writer(_Echo())
    lines: Iterator[str] = (writer.writerow(row) for row in rows)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
