"""One stream of a run: what became of every row that was read, beside what is usual for it."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from integration_hub.models import RejectedRow, Run, StreamRun
from integration_hub.pages import run_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.mirror_rows import KINDS, row_lines, rows_behind
from integration_hub.pages.paging import page_of
from integration_hub.usual import Measure, usual

UNCHANGED = "Equal to what was here, so nothing was written: they are counted, not listed."


@dataclass(frozen=True)
class Part:
    """One way a row that was read can go; `url` opens those rows, empty where there are none to show."""

    label: str
    rows: int
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class UsualLine:
    """A number beside the usual one, in words."""

    name: str
    value: str
    middle: str
    span: str
    word: str


@require_GET
@administrators_only
def stream(request: HttpRequest, pk: int, stream: str) -> HttpResponse:
    """Where every row that the run read of a stream has gone, and whether its numbers are out of the ordinary."""
    found = get_object_or_404(Run, pk=pk)
    of_stream = get_object_or_404(found.streams, stream=stream)
    known = usual(found, [of_stream]).get(stream)
    context = {
        "run": found,
        "title": run_rows.title(found),
        "stream": of_stream,
        "parts": parts(found, of_stream),
        "gone_url": _rows_url(found, of_stream, "deleted") if of_stream.deleted else "",
        "usual": known,
        "lines": [_usual_line(each) for each in known.measures] if known else [],
        "duration": run_rows.duration(of_stream.seconds),
    }
    return render(request, "hub/run_stream.html", context)


def parts(run: Run, stream: StreamRun) -> list[Part]:
    """The rows read, divided; together they are exactly those that were read."""
    rejected = f"{reverse('run_rejected', args=[run.pk])}?stream={stream.stream}"
    return [
        Part("New", stream.inserted, _rows_url(run, stream, "inserted")),
        Part("Changed", stream.updated, _rows_url(run, stream, "updated")),
        Part("Unchanged", stream.unchanged, note=UNCHANGED),
        Part("Rejected", stream.rejected, rejected),
        Part("Left out as duplicates", stream.duplicates, _rows_url(run, stream, "duplicate")),
    ]


def _rows_url(run: Run, stream: StreamRun, kind: str) -> str:
    return reverse("run_rows", args=[run.pk, stream.stream, kind])


def _usual_line(measure: Measure) -> UsualLine:
    if measure.name == "Seconds":
        write = run_rows.duration
        return UsualLine(
            "Time",
            write(measure.value),
            write(measure.middle),
            f"{write(measure.low)} to {write(measure.high)}",
            measure.word,
        )
    return UsualLine(
        measure.name,
        f"{measure.value:,.0f}",
        f"{measure.middle:,.0f}",
        f"{measure.low:,.0f} to {measure.high:,.0f}",
        measure.word,
    )


@require_GET
@administrators_only
def rows(request: HttpRequest, pk: int, stream: str, kind: str) -> HttpResponse:
    """The rows that a number counts, and which of them a later run has written again."""
    found = get_object_or_404(Run, pk=pk)
    of_stream = get_object_or_404(found.streams, stream=stream)
    if kind not in KINDS:
        raise Http404
    behind = rows_behind(found, of_stream, kind)
    page = page_of(behind.rows, request) if behind else None
    context = {
        "run": found,
        "title": run_rows.title(found),
        "stream": of_stream,
        "kind": kind,
        "kind_label": KINDS[kind],
        "behind": behind,
        "page": page,
        "lines": row_lines(found, behind, list(page.object_list)) if behind and page else [],
    }
    return render(request, "hub/run_rows.html", context)


def rejected_words(run: Run) -> str:
    """Why the list of a run's rejected rows is shorter than its number; empty where it is not."""
    counted_rows = sum(run.streams.values_list("rejected", flat=True))
    listed = RejectedRow.objects.filter(run_ref=run).count()
    if listed >= counted_rows:
        return ""
    return (
        f"{listed:,} of the {counted_rows:,} rows that this run rejected are listed here. The others were rejected "
        "again by a later read, whose list has them, or went beyond what is kept of one run."
    )
