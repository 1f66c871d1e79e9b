"""The commands push, diagnose and salesforce_metadata."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integration_hub.models import PlanStatus, PushPlan, RejectedRow, Run, RunKind
from tests.integration_hub.push.conftest import AMOUNT, COUNT, World

pytestmark = pytest.mark.django_db(transaction=True)


def run_command(*arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_push_prints_what_it_wrote_and_ends_well(world: World, capsys: Any) -> None:
    world.accounts(2)
    code, out, _ = run_command("push")
    assert code == 0
    assert "2 accounts compared, 8 values of 2 accounts written" in out
    assert "done" in out
    assert "100.00" in capsys.readouterr().out


def test_push_ends_with_one_when_a_row_was_refused(world: World) -> None:
    account, _ = world.accounts(2)
    world.org.fault("reject_rows", ids=[account])
    code, _, err = run_command("push")
    assert code == 1
    assert "1 of 2 accounts were not written in full" in err


@pytest.mark.parametrize("option", ["--undo", "--approve"])
@pytest.mark.parametrize("number", ["0", "-1", "x"])
def test_what_is_no_plan_number_pushes_nothing(world: World, option: str, number: str) -> None:
    world.accounts(1)
    with pytest.raises(CommandError, match="is no plan number"):
        run_command("push", f"{option}={number}")
    assert world.writes() == []
    assert not PushPlan.objects.exists()


def test_a_dry_run_writes_its_plan_to_a_file_biggest_movers_first(world: World, tmp_path: Path) -> None:
    small, big = world.accounts(2)
    world.want(big, overdue_amount="90000.00")
    world.org.forget_calls()
    code, out, _ = run_command("push", "--dry-run", "--plan", str(tmp_path / "plan.csv"))
    with (tmp_path / "plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert code == 0
    assert world.writes() == []
    assert "would be written" in out
    assert [(row["account"], row["field"], row["after"]) for row in rows[:2]] == [
        (big, AMOUNT, "90000.00"),
        (small, AMOUNT, "100.00"),
    ]
    assert len(rows) == 8


def test_a_plan_file_that_cannot_be_written_is_said_in_a_sentence(world: World, tmp_path: Path) -> None:
    world.accounts(1)
    with pytest.raises(CommandError, match="could not be written"):
        call_command("push", "--dry-run", "--plan", str(tmp_path / "nowhere" / "plan.csv"), stdout=StringIO())


def test_a_halted_push_ends_with_one_and_its_remedy(world: World) -> None:
    world.accounts(1)
    world.configure(max_changed_share=0.1)
    code, _, err = run_command("push")
    assert code == 1
    assert "approve it" in err
    halted = PushPlan.objects.get()
    assert halted.status == PlanStatus.HALTED
    code, _, _ = run_command("push", "--approve", str(halted.pk))
    assert code == 0


def test_salesforce_metadata_writes_the_fields_of_the_configuration(world: World, tmp_path: Path) -> None:
    code, out, _ = run_command("salesforce_metadata", "--output", str(tmp_path / "sfdx"))
    fields = tmp_path / "sfdx" / "force-app" / "main" / "default" / "objects" / "Account" / "fields"
    assert code == 0
    assert f"{AMOUNT}.field-meta.xml" in out
    assert "<type>Currency</type>" in (fields / f"{AMOUNT}.field-meta.xml").read_text(encoding="utf-8")
    assert "<type>Number</type>" in (fields / f"{COUNT}.field-meta.xml").read_text(encoding="utf-8")


def test_diagnose_is_red_for_a_field_that_cannot_be_written_and_says_what_to_do(world: World, capsys: Any) -> None:
    world.org.admin(
        "field_access",
        {"user": world.org.username, "sobject": "Account", "field": AMOUNT, "readable": True, "editable": False},
    )
    code, _, _ = run_command("diagnose")
    out = " ".join(capsys.readouterr().out.split())
    assert code == 2
    assert "Signed in to org" in out
    assert "ERP_Rollup_Writer" in out


def test_diagnose_counts_rejected_rows_as_amber(world: World, capsys: Any) -> None:
    run = Run.objects.create(kind=RunKind.SYNC, subject="erp")
    RejectedRow.objects.create(run_ref=run, stream="erp.invoices", reason="not a number")
    run_command("diagnose", "--local")
    assert "1 row is rejected" in " ".join(capsys.readouterr().out.split())
