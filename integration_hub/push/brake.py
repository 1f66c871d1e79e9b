"""Reasons not to send a plan: another org, no field left, a mirror that is not as its ERP, too many accounts, other
changes than the approved.
"""

from collections.abc import Sequence

from integration_hub.config import PushConfig
from integration_hub.models import PlanStatus, PushPlan, Reconciliation
from integration_hub.push.plan import Draft
from integration_hub.sources import SourceProblem

LOOK = "Look at the plan. If it is right, approve it; otherwise correct the source, and the next push plans anew."


class PushRefused(SourceProblem):
    """The push stopped before anything was sent."""


def check_organization(organization: str, *, accepted: str) -> None:
    """Refuse an org that no plan was made for before, unless it is the very first one or named as accepted."""
    known = PushPlan.objects.exclude(organization="").exclude(status=PlanStatus.DRY)
    last = known.order_by("-id").values_list("organization", flat=True).first()
    if last is None or organization in {last, accepted}:
        return
    raise PushRefused(
        f"This is another Salesforce org: {organization} instead of {last}.",
        "Nothing was compared or sent, because a copy or a refreshed sandbox may hold the same account ids.",
        f"If the new org is the right one, run: manage.py push --new-org {organization}. If not, correct the login "
        "in the environment.",
    )


def check_draft(
    draft: Draft,
    config: PushConfig,
    approved: PushPlan | None,
    *,
    currency: str,
    differing: Sequence[Reconciliation] = (),
) -> PushRefused | None:
    """Why this draft must be halted; None when it may be sent. An approval counts only for exactly the same changes.

    `currency` is the reporting currency, `differing` are the differences between ERPs and mirror that stand. Raises
    PushRefused where nothing is left of an approved plan: then there is no plan to halt.
    """
    if draft.rules_stopped:
        first = draft.stopped[0]
        return PushRefused(
            f"No field can be pushed: {first.problem}",
            "Nothing was sent. Salesforce shows the figures of the last push.",
            f"{first.remedy} The list of all fields stands on the page of this push.",
        )
    if approved is not None and not draft.to_send:
        raise PushRefused(
            f"Nothing is left to send of plan {approved.pk}: its values stand in Salesforce, or wait elsewhere.",
            "Nothing was sent.",
            "Nothing to do. Parked accounts and hand edits stand on pages of their own.",
        )
    if approved is not None:
        return None if approved.fingerprint == draft.fingerprint else _changed_since(approved)
    return _differs(draft, differing) or _too_many(draft, config) or _too_much(draft, config, currency)


def _changed_since(approved: PushPlan) -> PushRefused:
    return PushRefused(
        f"The figures changed since push {approved.pk} was approved.",
        "Nothing was sent: an approval holds only for exactly the changes that were looked at.",
        "Look at this new plan and approve it.",
    )


def _differs(draft: Draft, differing: Sequence[Reconciliation]) -> PushRefused | None:
    if not draft.to_send or not differing:
        return None
    streams = ", ".join(found.stream for found in differing)
    return PushRefused(
        f"What is mirrored is not what the ERP holds: {streams}. {differing[0].detail}",
        "Nothing was sent, because the figures would not be those of the ERP.",
        "Open the page Reconciliation: it names company, month and documents. Once a sync agrees with the ERP again, "
        "the push goes by itself. If the figures are right all the same, look at the plan and approve it.",
    )


def _too_many(draft: Draft, config: PushConfig) -> PushRefused | None:
    share = draft.accounts_moved / draft.compared if draft.compared else 0
    if share <= config.max_changed_share:
        return None
    return PushRefused(
        f"{draft.accounts_moved:,} of {draft.compared:,} accounts would change ({share:.0%}), more than the "
        f"brake allows ({config.max_changed_share:.0%}).",
        "Nothing was sent. So many changes at once can mean a faulty source.",
        LOOK,
    )


def _too_much(draft: Draft, config: PushConfig, currency: str) -> PushRefused | None:
    if not config.max_total_change or draft.total_change <= config.max_total_change:
        return None
    return PushRefused(
        f"The amounts would move by {draft.total_change:,.2f} {currency} in all, more than the brake allows "
        f"({config.max_total_change:,} {currency}).",
        "Nothing was sent. So large a movement at once can mean a faulty source.",
        LOOK,
    )
