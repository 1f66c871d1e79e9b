"""The administrator's pages in a real browser: accessible, free of complaints, at home on a desk and on a phone."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from integration_hub.models import (
    ApiUse,
    ChangeStatus,
    PlanStatus,
    PushChange,
    PushPlan,
    Reconciliation,
    RejectedRow,
    Run,
    RunKind,
    RunProgress,
    RunStatus,
    SfAccount,
    StreamRun,
)
from tests.browser.accessible import wrong_in_both_themes
from tests.browser.conftest import Site
from tests.browser.test_fit import TOO_WIDE

pytestmark = pytest.mark.browser


def measured(run: Run) -> None:
    """A budget beyond the share at which the hub stops, and a run that waits for it."""
    for minutes, used in ((40, 12_100), (1, 13_400)):
        at = timezone.now() - timedelta(minutes=minutes)
        ApiUse.objects.create(
            at=at, organization="00D000000000001AAA", used_by_all=used, limit=15_000, ours=900, run_ref=run
        )
    later = timezone.now() + timedelta(hours=2)
    Run.objects.create(
        kind=RunKind.SWEEP, subject="salesforce", not_before=later, problem="Waits for API requests to become free."
    )


def differs(run: Run) -> None:
    """A comparison with the ERP that found a month in which an invoice is missing."""
    document = {"key": "erp:1", "what": "missing", "here": {}, "source": {"net_amount": "1234567.8900"}}
    Reconciliation.objects.create(
        run_ref=run,
        stream="erp.invoices",
        source_rows=1_234_567,
        mirror_rows=1_234_566,
        source_sums={"net_amount": {"EUR": "1234567890.12", "USD": "5"}},
        mirror_sums={"net_amount": {"EUR": "1233333322.23", "USD": "5"}},
        agrees=False,
        confirmed=True,
        after_load=True,
        detail="company 1000, 2026-02, EUR: 12 rows here, 13 at the source.",
        since=timezone.now(),
        compared_groups=72,
        hash_agrees=True,
        groups=[
            {
                "company": "1000",
                "month": "2026-02",
                "currency": "EUR",
                "source_rows": 13,
                "mirror_rows": 12,
                "sums": {"net_amount": ["1234567890.12", "1233333322.23"]},
                "by_hash": False,
                "documents": [document],
            }
        ],
    )


def running() -> Run:
    """A sync that reads its second stream, and tells how far it is."""
    now = timezone.now()
    run = Run.objects.create(kind=RunKind.SYNC, subject="erp", status=RunStatus.RUNNING, started_at=now)
    RunProgress.objects.create(
        run=run.pk,
        phase="reading",
        stream="erp.invoice_lines",
        mode="snapshot",
        position=2,
        streams=12,
        rows=1_234_567,
        bytes=98_765_432,
        stream_began_at=now - timedelta(seconds=9),
        at=now,
    )
    return run


@pytest.fixture
def plan(site: Site) -> PushPlan:
    """A sync with a rejected row, and a push with a refused and a stopped field."""
    sync = Run.objects.create(
        kind=RunKind.SYNC,
        subject="salesforce",
        status=RunStatus.PARTIAL,
        started_at=timezone.now(),
        finished_at=timezone.now(),
        problem="1 of 40 rows could not be read.",
        meaning="It is not in the figures.",
        remedy="Open the rejected row.",
    )
    StreamRun.objects.create(run_ref=sync, stream="salesforce.accounts", mode="full", read=40, inserted=39, rejected=1)
    RejectedRow.objects.create(
        run_ref=sync,
        stream="salesforce.accounts",
        key="001",
        column="name",
        reason="too long",
        record={"Name": "x" * 300},
    )
    run = Run.objects.create(
        kind=RunKind.PUSH, subject="salesforce", status=RunStatus.PARTIAL, problem="1 refused.", api_calls=17
    )
    measured(run)
    made = PushPlan.objects.create(
        run_ref=run,
        as_of=date(2026, 2, 10),
        organization="00D000000000001AAA",
        status=PlanStatus.HALTED,
        accounts_compared=40,
        accounts_changed=1,
        fields_changed=1,
        findings=[
            {"field": "ERP_Overdue_Amount__c", "state": "green", "problem": "", "remedy": ""},
            {"field": "ERP_Gone__c", "state": "red", "problem": "Account has no such field.", "remedy": "Create it."},
        ],
    )
    differs(sync)
    account = SfAccount.objects.first()
    assert account is not None
    for code in ("", "FIELD_CUSTOM_VALIDATION_EXCEPTION"):
        PushChange.objects.create(
            plan=made,
            account=account.key,
            field="ERP_Overdue_Amount__c",
            before=None,
            after="1234567.89",
            movement=Decimal("1234567.89"),
            status=ChangeStatus.FAILED if code else ChangeStatus.PLANNED,
            error_code=code,
            error_text="Region must be set" if code else "",
        )
    return made


@pytest.mark.parametrize("width", [1440, 390])
def test_hub_pages_have_no_accessibility_violation_no_complaint_and_no_sideways_scroll(
    site: Site, plan: PushPlan, width: int
) -> None:
    page = site.open("/runs/", width=width)
    sync = Run.objects.get(kind=RunKind.SYNC, subject="salesforce")
    paths = (
        "/runs/",
        "/runs/schedule/",
        "/runs/schedule/rollup/",
        f"/runs/{sync.pk}/",
        f"/runs/{sync.pk}/rejected/",
        f"/runs/{sync.pk}/streams/salesforce.accounts/",
        f"/runs/{sync.pk}/rows/salesforce.accounts/inserted/",
        f"/runs/{running().pk}/",
        "/status/",
        "/pushes/",
        f"/pushes/{plan.pk}/",
        "/checks/",
        "/reconciliation/",
        "/reconciliation/streams/erp.invoices/",
        f"/reconciliation/{Reconciliation.objects.get().pk}/1/",
        "/salesforce/quota/",
        "/salesforce/",
        "/sources/",
    )
    wrong = []
    for path in paths:
        page.goto(site.url + path)
        wrong += wrong_in_both_themes(page)
        page.evaluate("document.querySelectorAll('details.fold').forEach(one => { one.open = true; })")
        wrong += [f"{path}: {count} tables are too wide" for count in [page.evaluate(TOO_WIDE)] if count]
    assert wrong + site.complaints == []


def test_sync_now_works_without_scripts(site: Site) -> None:
    page = site.open("/runs/", scripts=False)
    page.click("text=Sync now")
    page.wait_for_selector("text=Requested: sync of")
    assert Run.objects.filter(kind=RunKind.SYNC, status=RunStatus.QUEUED).exists()
