"""Notes what was taken away at once: in the audit, and what is no report in the list of exports too."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from customers.access import hidden_columns
from integration_hub import audit
from reports.models import ExportJob, ExportState

# Files that are no reports, with their titles: they are meant for the customer, so they need no right to export.
STATEMENT = "statement"
OTHER_TITLES = {STATEMENT: "Statement of account"}


def note(what: str, job: ExportJob) -> None:
    """Write an act on an export into the audit."""
    told = {"report": job.report, "format": job.format, "as_of": job.as_of, "filter": job.question, "of": job.user_name}
    audit.record(what, "export", job.pk, after=told)


def note_statement(
    user: User,
    *,
    customers: Sequence[int],
    question: Mapping[str, str],
    as_of: date,
    lines: int,
    facts: Sequence[tuple[str, str]],
) -> None:
    """Note that somebody took the statement of account of these customers as a file."""
    now = timezone.now()
    with transaction.atomic():
        kept = ExportJob.objects.create(
            user=user,
            user_name=user.get_username(),
            report=STATEMENT,
            question=dict(question),
            as_of=as_of,
            format="xlsx",
            state=ExportState.STREAMED,
            rows_done=lines,
            facts=[list(fact) for fact in facts],
            # Not all that the user sees: only these are in it.
            seen={"hidden": sorted(hidden_columns(user)), "customers": sorted(customers)},
            started_at=now,
            finished_at=now,
        )
        note("export.downloaded", kept)
