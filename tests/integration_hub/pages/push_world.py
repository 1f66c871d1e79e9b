"""A small history of pushes: a halted plan, one sent in part, what it left parked, and values edited by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from integration_hub.models import (
    ChangeStatus,
    DriftRecord,
    DriftState,
    ParkedRow,
    PlanStatus,
    PushChange,
    PushedValue,
    PushPlan,
    Run,
    RunKind,
    RunStatus,
    SfAccount,
    SfUser,
)

ORG = "00D000000000001AAA"
OVERDUE = "ERP_Overdue_Amount__c"
MADE = datetime(2026, 2, 10, 5, 0, tzinfo=UTC)
RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
RULE_TEXT = "<b>Region</b> must be set"


def account(number: int, name: str = "", owner: str = "") -> str:
    """A mirrored account of that number, and its 18-character id."""
    key = f"001{number:012d}AAA"
    if owner:
        SfUser.objects.get_or_create(key=owner, defaults={"source": "salesforce", "name": owner, "synced_at": MADE})
    SfAccount.objects.get_or_create(
        key=key,
        defaults={"source": "salesforce", "name": name or f"Account {number}", "owner_id": owner, "synced_at": MADE},
    )
    return key


def a_plan(status: str, changes: int = 0, **values: object) -> PushPlan:
    """A plan with so many changes to send, and the run that made it."""
    run = Run.objects.create(
        kind=RunKind.PUSH, subject="salesforce", status=RunStatus.PARTIAL, requested_by="sync", started_at=MADE
    )
    given: dict[str, object] = {
        "run_ref": run,
        "as_of": date(2026, 2, 10),
        "organization": ORG,
        "status": status,
        "fingerprint": f"print of {changes}",
        "accounts_compared": 40,
        "accounts_changed": changes,
        "fields_changed": changes,
        "total_change": Decimal(100) * changes,
    }
    made = PushPlan.objects.create(**given | values)
    for number in range(changes):
        a_change(made, number, status=ChangeStatus.PLANNED)
    return made


def a_change(plan: PushPlan, number: int, **values: object) -> PushChange:
    """The change of one account: from 10.00 to something larger, the higher the number the larger."""
    given: dict[str, object] = {
        "account": account(number),
        "field": OVERDUE,
        "before": "10.00",
        "after": f"{20 + number}.00",
        "movement": Decimal(10 + number),
        "status": ChangeStatus.DONE,
    }
    return PushChange.objects.create(plan=plan, **given | values)


def acknowledge(plan: PushPlan) -> None:
    """Remember what the plan wrote as the values that stand in Salesforce."""
    for change in plan.changes.filter(status=ChangeStatus.DONE):
        PushedValue.objects.create(
            account=change.account, field=change.field, value=change.after, acknowledged_at=MADE, plan=plan
        )


def a_sent_plan() -> PushPlan:
    """A plan with a value in every state."""
    plan = a_plan(PlanStatus.PARTIAL, accounts_changed=7, fields_changed=7, read_back_at=MADE, read_back_differs=1)
    a_change(plan, 1)
    a_change(plan, 2, drift=True)
    a_change(plan, 3, error_code="READ_BACK_DIFFERS", error_text="Salesforce kept 22.00.")
    a_change(plan, 4, status=ChangeStatus.FAILED, error_code=RULE, error_text=RULE_TEXT)
    a_change(plan, 5, status=ChangeStatus.PARKED, error_code=RULE, error_text=RULE_TEXT)
    a_change(plan, 6, status=ChangeStatus.UNKNOWN)
    a_change(plan, 7, status=ChangeStatus.LEFT, drift=True)
    a_change(plan, 8, status=ChangeStatus.SKIPPED, error_code="CHANGED_SINCE", error_text="It stays.")
    a_change(plan, 9, status=ChangeStatus.PLANNED, note="10.00 EUR at 1.0853 USD per EUR of 2026-02-10")
    a_change(plan, 10, status=ChangeStatus.SENT, before=None, after="-5.00", movement=Decimal(5))
    acknowledge(plan)
    return plan


def park(number: int, *, cause: str = "rule", days: int = 3, **values: object) -> ParkedRow:
    """An account parked so many days ago."""
    first = timezone.now() - timedelta(days=days, minutes=5)
    given: dict[str, object] = {
        "organization": ORG,
        "account": account(number, owner="Ana Duarte"),
        "cause": cause,
        "code": RULE if cause == "rule" else "INSUFFICIENT_ACCESS_OR_READONLY",
        "text": RULE_TEXT if cause == "rule" else "insufficient access rights",
        "values": {OVERDUE: "1234.50"},
        "attempts": 2,
        "first_at": first,
        "last_at": first + timedelta(hours=1),
    }
    return ParkedRow.objects.create(**given | values)


def hand_edit(number: int, **values: object) -> DriftRecord:
    """A value that Ana changed from 1,234.50 to nothing."""
    given: dict[str, object] = {
        "organization": ORG,
        "account": account(number),
        "field": OVERDUE,
        "expected": "1234.50",
        "found": "0.00",
        "wanted": "1234.50",
        "changed_by": "Ana Duarte",
        "changed_at": MADE,
        "state": DriftState.OPEN,
    }
    return DriftRecord.objects.create(**given | values)
