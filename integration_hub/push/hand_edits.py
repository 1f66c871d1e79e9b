"""Looks for hand edits: in every push for those that it meets, and in a nightly run for all of them."""

from integration_hub import locks
from integration_hub.config import Hub, hub
from integration_hub.models import DriftState, Run, RunKind, RunStatus
from integration_hub.push import drift
from integration_hub.push.brake import PushRefused, check_organization
from integration_hub.push.drafting import draft_plan, reach
from integration_hub.push.editors import Edit, who_edited
from integration_hub.push.plan import Draft
from integration_hub.runs import Outcome
from integration_hub.salesforce.client import Org, connect
from integration_hub.sources import SALESFORCE

ASK = "Decide on the page of hand edits: put the value back, or accept it until its figure changes."


def weigh(org: Org, draft: Draft, configuration: Hub, *, keep: bool) -> None:
    """Settle for each hand edit of the draft whether it is put back or stays; with `keep`, record it."""
    unknown = drift.unknown_edits(draft)
    edits: dict[tuple[str, str], Edit] = {}
    if unknown:
        edits = who_edited(org, {(change.account, change.field) for change in unknown})
    drift.judge(draft, configuration.push.drift, edits)
    if keep:
        drift.note(draft, configuration.push.drift, edits)


def run_drift_check(run: Run) -> Outcome:
    """Compare every pushed value with what was written last, and keep a record of each hand edit; writes nothing.

    `accounts_touched` counts the accounts whose values the next push will put back. Raises PushRefused while a push
    runs, whose values are on their way, or when there is nothing to push; SalesforceProblem and its kinds.
    """
    configuration = hub()
    if configuration.salesforce is None or not configuration.push.fields:
        raise PushRefused(
            "There is nothing to check.",
            "hub.toml names no Salesforce org or no push fields.",
            "Add [salesforce] and [[push.fields]] to hub.toml.",
        )
    with locks.holding(locks.run_name(RunKind.PUSH, run.subject or SALESFORCE)) as free:
        if not free:
            raise PushRefused(
                "A push is running, so what stands in Salesforce is changing at this moment.",
                "Nothing was compared.",
                "Nothing to do: the check is tried again in a moment.",
                transient=True,
            )
        org = connect(configuration.salesforce)
        target = reach(org)
        check_organization(target.organization, accepted="")
        draft = draft_plan(target, configuration, settle=False)
        weigh(org, draft, configuration, keep=True)
    return _tell(draft, org.calls)


def _tell(draft: Draft, api_calls: int) -> Outcome:
    found = [change for change in draft.changes if change.drift]
    put_back = {change.account for change in draft.to_send if change.drift}
    counts = {"api_calls": api_calls, "accounts_touched": len(put_back)}
    waiting = drift.open_edits(draft.organization).filter(decided_at=None, state=DriftState.OPEN).count()
    if not found:
        return Outcome(counts=counts)
    values = "1 value was" if len(found) == 1 else f"{len(found):,} values were"
    problem = f"{values} changed by hand in Salesforce."
    if put_back:
        return Outcome(RunStatus.SUCCEEDED, problem, "The next push puts them back.", "", counts)
    remedy = ASK if waiting else ""
    return Outcome(RunStatus.SUCCEEDED, problem, "They stay as they are.", remedy, counts)
