"""A mirror that is not what the ERP holds stops the push until it is again, or a person approves."""

from decimal import Decimal
from pathlib import Path

import pytest

from integration_hub.models import PlanStatus, Reconciliation, Run, RunKind, RunStatus
from integration_hub.push.brake import PushRefused
from integration_hub.standing_differences import agrees_again, standing_differences
from tests.integration_hub.push.conftest import AMOUNT, World

pytestmark = pytest.mark.django_db(transaction=True)
ERP = """
[[sources]]
name = "erp"
label = "Main ERP"
kind = "files"
directory = "."
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
path = "*.csv"
"""


def compared(*, agrees: bool, confirmed: bool = True, after_load: bool = True, stream: str = "erp.invoices") -> Run:
    """What a comparison after a sync left."""
    run = Run.objects.create(kind=RunKind.SYNC, subject="erp", status=RunStatus.SUCCEEDED)
    Reconciliation.objects.create(
        run_ref=run,
        stream=stream,
        agrees=agrees,
        confirmed=confirmed and not agrees,
        after_load=after_load,
        detail="" if agrees else "company 1000, 2026-02, EUR: 12 rows here, 13 at the source.",
    )
    return run


@pytest.fixture
def with_erp(world: World) -> World:
    """The world of pushes, with an ERP in its hub.toml."""
    path: Path = world.folder / "hub.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("sources = []\n", "") + ERP, encoding="utf-8")
    return world


def test_a_confirmed_difference_halts_the_plan_with_its_reason_and_nothing_is_sent(with_erp: World) -> None:
    with_erp.accounts(1)
    compared(agrees=False)
    with_erp.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        with_erp.push()
    assert with_erp.writes() == []
    assert "erp.invoices. company 1000, 2026-02, EUR: 12 rows here, 13 at the source." in refused.value.problem
    assert "Reconciliation" in refused.value.remedy
    plan = Run.objects.latest("pk").plans.get()
    assert (plan.status, plan.changes.count()) == (PlanStatus.HALTED, 4)
    assert "12 rows here, 13 at the source" in plan.note


def test_once_it_agrees_again_the_push_goes(with_erp: World) -> None:
    (account,) = with_erp.accounts(1)
    compared(agrees=False)
    with pytest.raises(PushRefused):
        with_erp.push()
    healed = compared(agrees=True)
    assert agrees_again(healed)
    assert not agrees_again(compared(agrees=True))
    outcome, plan = with_erp.push()
    assert (outcome.status, plan.status) == (RunStatus.SUCCEEDED, PlanStatus.DONE)
    assert Decimal(str(with_erp.stored(account)[AMOUNT])) == 100


def test_a_person_may_approve_in_spite_of_it(with_erp: World) -> None:
    with_erp.accounts(1)
    compared(agrees=False)
    with pytest.raises(PushRefused):
        with_erp.push()
    halted = Run.objects.latest("pk").plans.get()
    outcome, sent = with_erp.push(approve=halted.pk, approved_by="alice")
    assert (outcome.status, sent.pk, sent.status, sent.approved_by) == (
        RunStatus.SUCCEEDED,
        halted.pk,
        PlanStatus.DONE,
        "alice",
    )


def test_what_is_not_sure_or_not_configured_or_compared_on_demand_stops_nothing(with_erp: World) -> None:
    with_erp.accounts(1)
    compared(agrees=False, confirmed=False)
    compared(agrees=False, stream="gone.invoices")
    assert standing_differences() == []
    compared(agrees=False)
    assert len(standing_differences()) == 1
    compared(agrees=False, after_load=False)
    assert len(standing_differences()) == 1
    compared(agrees=True, after_load=False)
    assert standing_differences() == []
    assert with_erp.push()[1].status == PlanStatus.DONE


def test_a_plan_without_changes_needs_nobody(with_erp: World) -> None:
    with_erp.accounts(1)
    with_erp.push()
    compared(agrees=False)
    outcome, plan = with_erp.push()
    assert (outcome.status, outcome.problem, plan.status) == (RunStatus.SUCCEEDED, "", PlanStatus.DONE)
