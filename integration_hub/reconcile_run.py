"""A comparison of a whole source with the mirror, as a run."""

from integration_hub.models import Run, RunStatus
from integration_hub.reconcile import reconcile
from integration_hub.reconcile_compared import Compared
from integration_hub.runs import Outcome
from integration_hub.sync import no_sync_beside


def run_reconcile(run: Run) -> Outcome:
    """Compare the run's source with the mirror while no sync changes it. Raises SourceProblem."""
    with no_sync_beside(run.subject):
        return outcome_of(run, reconcile(run))


def outcome_of(run: Run, compared: list[Compared]) -> Outcome:
    """How the comparison ended: in part where something differs."""
    different = [each.stream for each in compared if not each.agrees]
    if not different:
        return Outcome()
    return Outcome(
        RunStatus.PARTIAL,
        f"The mirror differs from the source in {', '.join(different)}.",
        "The source may have changed since the last sync, or rows were rejected; the details name the rows.",
        f"Run: manage.py sync --source {run.subject} --full, then reconcile again.",
    )
