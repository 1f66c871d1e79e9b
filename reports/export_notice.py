"""Tells whoever asked for an export, on whatever page they are, that it has ended."""

from typing import Any

from django.http import HttpRequest

from reports.models import UNFINISHED, ExportJob

# Set where an export is asked for, so that no page of anybody else reads the table.
WAITS = "waits_for_export"


def ready_exports(request: HttpRequest) -> dict[str, Any]:
    """Context processor: exports that ended since they were asked for, until their page was seen."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or WAITS not in request.session:
        return {}
    open_ones = list(ExportJob.objects.filter(user=user, told=False, schedule=None).order_by("id")[:20])
    if not open_ones:
        del request.session[WAITS]
    return {"ready_exports": [job for job in open_ones if job.state not in UNFINISHED]}
