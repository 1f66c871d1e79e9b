"""Keeps what a check of a system outside found, and does such a check as a run."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from integration_hub.config import Hub, hub
from integration_hub.diagnosis.check import Check, Light, worst
from integration_hub.diagnosis.salesforce import Inspection, inspect
from integration_hub.models import DescribedField, OutsideCheck, Run, RunKind, RunStatus
from integration_hub.runs import Outcome, busy, request_run
from integration_hub.sources import SALESFORCE

STALE_AFTER = timedelta(hours=24)


def run_check(run: Run) -> Outcome:
    """Check the org, keep what was found, and say how it looks. A red finding is no failure of the check."""
    found = inspect(hub())
    keep(SALESFORCE, found, run=run)
    counts = {"api_calls": found.calls}
    red = [check for check in found.checks if check.light is Light.RED]
    if worst(found.checks) is not Light.RED:
        return Outcome(counts=counts)
    return Outcome(
        RunStatus.PARTIAL,
        f"{red[0].name}: {red[0].finding}" if len(red) == 1 else f"{len(red)} checks of Salesforce are red.",
        "",
        red[0].remedy if len(red) == 1 else "Open the page Salesforce: each says what to do.",
        counts,
    )


def keep(subject: str, found: Inspection, *, run: Run | None = None) -> None:
    """Replace what was known of a system by what was found now."""
    now = timezone.now()
    rows = [
        OutsideCheck(
            subject=subject,
            position=position,
            topic=check.topic,
            name=check.name[:120],
            light=int(check.light),
            finding=check.finding,
            remedy=check.remedy,
            checked_at=now,
            run_ref=run,
        )
        for position, check in enumerate(found.checks)
    ]
    with transaction.atomic():
        OutsideCheck.objects.filter(subject=subject).delete()
        OutsideCheck.objects.bulk_create(rows)
        DescribedField.objects.bulk_create(
            list(_fields(found, hub())),
            update_conflicts=True,
            unique_fields=["sobject", "name"],
            update_fields=["label", "type", "calculated"],
        )


def known(subject: str) -> tuple[list[Check], datetime | None]:
    """The kept checks in their order, and when they were made; None before the first."""
    rows = list(OutsideCheck.objects.filter(subject=subject))
    checks = [Check(row.name, Light(row.light), row.finding, row.remedy, row.topic) for row in rows]
    return checks, rows[0].checked_at if rows else None


def request_when_stale(run: Run) -> None:
    """After a run that reached Salesforce: ask for a check when the last one is a day old, or there was none."""
    configuration = hub()
    if configuration.salesforce is None or run.subject != SALESFORCE or run.kind == RunKind.CHECK:
        return
    _, checked_at = known(SALESFORCE)
    is_stale = checked_at is None or timezone.now() - checked_at >= STALE_AFTER
    if is_stale and not busy(RunKind.CHECK, SALESFORCE):
        request_run(RunKind.CHECK, SALESFORCE, by=run.requested_by or "sync")


def _fields(found: Inspection, configuration: Hub) -> Iterator[DescribedField]:
    """The fields that hub.toml names, under the name it uses."""
    salesforce = configuration.salesforce_as_read
    if salesforce is None:
        return
    pushed = tuple(rule.field for rule in configuration.push.fields)
    named = {
        "Account": (
            salesforce.erp_number_field,
            *salesforce.identifier_fields,
            *salesforce.account_fields,
            *pushed,
        ),
        "Contact": salesforce.contact_fields,
        "Opportunity": salesforce.opportunity_fields,
        "Quote": salesforce.quote_fields,
        "Order": salesforce.order_fields,
    }
    for sobject, names in named.items():
        for name in dict.fromkeys(names):
            info = found.described[sobject].find(name) if sobject in found.described else None
            if info is not None:
                yield DescribedField(
                    sobject=sobject, name=name, label=info.label[:255], type=info.type, calculated=info.calculated
                )
