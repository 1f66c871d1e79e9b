"""Which validation rules of the org are known to refuse accounts: what the rows that wait for them tell."""

from django.db.models import Count

from integration_hub.models import ParkedRow
from integration_hub.push.preflight import Finding, State

VALIDATION_RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def known_refusals(organization: str) -> tuple[Finding, ...]:
    """One finding per text that a validation rule refused accounts with, those that refuse most first. They concern no
    single field, and stop none.
    """
    parked = ParkedRow.objects.filter(organization=organization, code=VALIDATION_RULE, resolved_at=None)
    texts = parked.values_list("text").annotate(accounts=Count("id")).order_by("-accounts", "text")
    return tuple(_finding(text, accounts) for text, accounts in texts)


def _finding(text: str, accounts: int) -> Finding:
    words = "1 account was" if accounts == 1 else f"{accounts:,} accounts were"
    return Finding(
        "",
        State.AMBER,
        f"{words} refused by a validation rule: {text}",
        "Correct what the rule asks for on these accounts, or let the rule skip the integration user.",
    )
