"""Tells whoever asked for exports, wherever they are, that they have ended: in one box, until it is dismissed."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from reports.models import UNFINISHED, ExportJob, ExportState
from reports.offered import offered_titles

# Set where an export is asked for, so that no page of anybody else reads the table.
WAITS = "waits_for_export"
NAMED, MOST = 3, 200


@dataclass(frozen=True)
class EndedExports:
    """How many files are ready and how many exports came to nothing; the newest of them by name, and how many more."""

    ready: int
    failed: int
    named: tuple[tuple[ExportJob, str], ...]
    further: int


def untold(user: Any) -> QuerySet[ExportJob]:
    """Exports that the user asked for and has not been told the end of."""
    return ExportJob.objects.filter(user=user.pk, told=False, schedule=None)


def ready_exports(request: HttpRequest) -> dict[str, Any]:
    """Context processor: exports that ended since they were asked for, until their page was seen or the box closed."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or WAITS not in request.session:
        return {}
    open_ones = list(untold(user).order_by("-id")[:MOST])
    if not open_ones:
        del request.session[WAITS]
    ended = [job for job in open_ones if job.state not in UNFINISHED]
    return {"ended_exports": _box(user, ended), "here": request.get_full_path()} if ended else {}


def _box(user: Any, ended: list[ExportJob]) -> EndedExports:
    titles = offered_titles(user)
    ready = sum(job.state == ExportState.DONE for job in ended)
    named = tuple((job, titles.get(job.report, job.report)) for job in ended[:NAMED])
    return EndedExports(ready, len(ended) - ready, named, len(ended) - len(named))
