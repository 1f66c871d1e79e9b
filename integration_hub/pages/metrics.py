"""Figures for monitoring, in the text format of Prometheus."""

from collections.abc import Iterable

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.status.measured import Sample, of_machine, of_open_work, of_proof, of_sources

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@login_not_required
@require_GET
def metrics(_request: HttpRequest) -> HttpResponse:
    """Counts and ages only, no name of a customer; a proxy decides who outside may read it. Labels are names of
    sources, kinds, states, severities and queues: as many as hub.toml has, never one for each row.
    """
    counted = Run.objects.order_by().values_list("kind", "status").annotate(runs=Count("pk"))
    runs = {(kind, status): number for kind, status, number in counted}
    now = timezone.now()
    families = [
        _family("runs", "Runs in the ledger by kind and status.", _runs(runs)),
        _family("waiting_runs", "Runs that no worker has begun.", [({}, _with_status(runs, RunStatus.QUEUED))]),
        *(_family(*each) for each in (*of_sources(now), *of_open_work(), *of_machine(now), *of_proof(now))),
    ]
    return HttpResponse("".join(families), content_type=CONTENT_TYPE)


def _runs(counted: dict[tuple[str, str], int]) -> list[Sample]:
    """Every combination, so that a zero is a zero and not a gap."""
    pairs = ((kind, status) for kind in RunKind.values for status in RunStatus.values)
    return [({"kind": kind, "status": status}, counted.get((kind, status), 0)) for kind, status in pairs]


def _with_status(counted: dict[tuple[str, str], int], wanted: str) -> int:
    return sum(number for (_, status), number in counted.items() if status == wanted)


def _family(name: str, words: str, samples: Iterable[Sample]) -> str:
    full = f"customer360_{name}"
    lines = [f"# HELP {full} {words}", f"# TYPE {full} gauge"]
    for labels, value in samples:
        # Kinds, states and names of sources are lower-case letters, digits and underscores: nothing to escape.
        inside = ",".join(f'{label}="{text}"' for label, text in labels.items())
        lines.append(f"{full}{{{inside}}} {value}" if inside else f"{full} {value}")
    return "\n".join([*lines, ""])
