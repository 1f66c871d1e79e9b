"""The configuration moves between installations by a file: the difference first, then everything or nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from customers.models import RfmCalibration, SavedView, Segment
from customers.rfm_in_force import scales_in_force
from customers.rfm_scales import USUAL
from integration_hub.models import AuditRow
from integration_hub.transfer import bundle
from integration_hub.transfer.parts import NotMoved
from reports.models import ExportSchedule
from tests.customers.world import DAY, World, ago

RULES = {"all": [{"field": "overdue_amount", "is": "above", "values": ["1000"]}]}


@pytest.fixture
def sandbox(figures: World, tmp_path: Path) -> Path:
    """A configuration that was set up, and its file; afterwards nothing of it is in the database any more."""
    customer = figures.linked("Acme", "100")
    figures.invoice(customer, "500.00", ago(40))
    figures.roll_up(DAY)
    rita = User.objects.create_user("rita", "rita@x.org")
    kept = {"created_at": "2026-02-01T00:00:00Z", "changed_at": "2026-02-01T00:00:00Z"}
    for name, shared in (("Big debtors", True), ("My own", False)):
        Segment.objects.create(name=name, owner=rita, owner_name="rita", shared=shared, rules=RULES, **kept)
    SavedView.objects.create(user=rita, name="Late", query="view=overdue", shared=True)
    ExportSchedule.objects.create(owner=rita, report="abc", format="csv", question={"top": "5"}, active=False)
    scales = USUAL.stored() | {"recency": [400, 300, 200, 100]}
    common = {"made_by": "rita", "reason": "because", "currency": "EUR", "as_of": DAY}
    RfmCalibration.objects.create(scales=scales, made_at="2026-02-01T00:00:00Z", method="absolute", **common)
    path = tmp_path / "configuration.json"
    call_command("configuration", "--export", str(path))
    Segment.objects.all().delete()
    SavedView.objects.all().delete()
    ExportSchedule.objects.all().delete()
    RfmCalibration.objects.all().delete()
    return path


def imported(path: Path, capsys: Any, *more: str) -> str:
    capsys.readouterr()
    call_command("configuration", "--import", str(path), *more)
    said: str = capsys.readouterr().out
    return said


def test_a_look_shows_what_would_change_and_writes_nothing(sandbox: Path, capsys: Any) -> None:
    target = Path(settings.HUB_CONFIG)
    target.write_text(
        target.read_text("utf-8").replace("[company]", "[stages]\nlapsed_after_months = 9\n[company]"), "utf-8"
    )
    before = target.read_text("utf-8")
    said = imported(sandbox, capsys)
    assert "-lapsed_after_months = 9" in said.splitlines()
    assert "+ Big debtors" in said.splitlines()
    assert "Shared segments: 1 new, 0 changed, 0 only here" in said
    assert "My own" not in said
    assert "Nothing was written" in said
    assert (target.read_text("utf-8"), Segment.objects.count(), ExportSchedule.objects.count()) == (before, 0, 0)


def test_what_was_exported_is_there_after_the_import_and_a_second_one_finds_nothing(sandbox, capsys) -> None:
    target = Path(settings.HUB_CONFIG)
    wanted = target.read_text("utf-8")
    target.write_text(wanted.replace("[company]", "[stages]\nlapsed_after_months = 9\n[company]"), "utf-8")
    said = imported(sandbox, capsys, "--apply", "--user", "rita")
    assert said.splitlines()[-1] == "Written."
    assert target.read_text("utf-8") == wanted
    (kept,) = target.parent.glob(f"{target.name}.2*")
    assert "lapsed_after_months = 9" in kept.read_text("utf-8")
    segment = Segment.objects.get()
    assert (segment.name, segment.rules, segment.shared, segment.version) == ("Big debtors", RULES, True, 1)
    assert segment.versions.get().changed_by_name == "rita"
    assert SavedView.objects.get().query == "view=overdue"
    assert (ExportSchedule.objects.get().active, ExportSchedule.objects.get().question) == (False, {"top": "5"})
    assert scales_in_force().recency == (400, 300, 200, 100)
    row = AuditRow.objects.get(what="configuration.imported")
    assert row.after
    assert (row.who, row.after["lines_removed"], row.after["segments"]) == ("rita", 2, ["Big debtors"])
    assert set(AuditRow.objects.values_list("what", flat=True)) >= {
        "segment.saved",
        "view.imported",
        "scales.calibrated",
    }
    assert imported(sandbox, capsys).splitlines()[0] == "Nothing differs."
    again = sandbox.with_name("again.json")
    call_command("configuration", "--export", str(again))
    assert bundle.read(again) == bundle.read(sandbox)


def test_a_change_is_a_new_version_and_what_is_only_here_stays(sandbox, capsys) -> None:
    imported(sandbox, capsys, "--apply", "--user", "rita")
    changed = {"all": [{"field": "overdue_amount", "is": "above", "values": ["5000"]}]}
    Segment.objects.update(rules=changed)
    SavedView.objects.create(user=User.objects.get(), name="Only here", query="q=a", shared=True)
    said = imported(sandbox, capsys, "--apply", "--user", "rita")
    assert "~ Big debtors" in said.splitlines()
    assert '"5000"' in said
    assert "  Only here (only here, stays)" in said.splitlines()
    segment = Segment.objects.get()
    assert (segment.rules, segment.version) == (RULES, 2)
    assert SavedView.objects.filter(name="Only here").exists()


def spoiled(path: Path, **values: Any) -> Path:
    """The file with other parts, its sum made anew as if it had been exported so."""
    told = json.loads(path.read_text("utf-8")) | values
    made = bundle.Bundle("\n".join(told["configuration"]), told["parts"])
    path.write_text(bundle.written(made, DAY), encoding="utf-8")  # type: ignore[arg-type]
    return path


def test_one_row_that_cannot_be_taken_over_leaves_everything_as_it_was(sandbox, capsys) -> None:
    parts = json.loads(sandbox.read_text("utf-8"))["parts"]
    parts["export_schedules"] = {name: row | {"owner": "nobody"} for name, row in parts["export_schedules"].items()}
    with pytest.raises(CommandError, match=r"no active login nobody .* Nothing was written"):
        imported(spoiled(sandbox, parts=parts), capsys, "--apply", "--user", "rita")
    assert not Segment.objects.exists()
    assert not RfmCalibration.objects.exists()
    parts["segments"]["Big debtors"]["rules"] = {"all": 7}
    with pytest.raises(CommandError, match="The segment “Big debtors” cannot be taken over"):
        imported(spoiled(sandbox, parts=parts), capsys, "--apply", "--user", "rita")
    with pytest.raises(CommandError, match="does not know cookies"):
        imported(spoiled(sandbox, parts=parts | {"cookies": {}}), capsys)


def test_a_look_finds_the_row_that_cannot_be_taken_over_as_taking_it_over_does(sandbox, capsys) -> None:
    parts = json.loads(sandbox.read_text("utf-8"))["parts"]
    parts["rfm_scales"]["scales"] |= {"recency": [400, 300]}
    spoiled(sandbox, parts=parts)
    for more in ((), ("--apply", "--user", "rita")):
        with pytest.raises(CommandError, match=r"The RFM scales cannot be taken over.* Nothing was written"):
            imported(sandbox, capsys, *more)
    assert User.objects.count() == 1
    assert not Segment.objects.exists()


def test_a_rule_that_would_list_nobody_here_is_named(sandbox, capsys) -> None:
    parts = json.loads(sandbox.read_text("utf-8"))["parts"]
    parts["segments"]["Big debtors"]["rules"] = {"all": [{"field": "score__c", "is": "above", "values": ["1"]}]}
    spoiled(sandbox, parts=parts)
    doubt = "Shared segments: “Big debtors” would list nobody yet. Rule 1 names “score__c”, which is not there"
    assert doubt in imported(sandbox, capsys)
    assert doubt in imported(sandbox, capsys, "--apply", "--user", "rita")


def test_a_look_needs_no_right_to_write_and_whoever_lacks_it_is_told(
    sandbox: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Path(settings.HUB_CONFIG)
    text = target.read_text("utf-8")
    target.write_text(f"{text}\n# later", "utf-8")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refused)
    monkeypatch.setattr(Path, "write_text", refused)
    assert "-# later" in imported(sandbox, capsys)
    with pytest.raises(CommandError, match=r"cannot be replaced: Permission denied.* Nothing was written"):
        imported(sandbox, capsys, "--apply", "--user", "rita")
    assert not Segment.objects.exists()
    with pytest.raises(CommandError, match=r"cannot be written: Permission denied.* Nothing was written"):
        call_command("configuration", "--export", str(sandbox))


def test_the_annotated_hub_toml_can_be_moved_and_an_address_with_a_password_in_a_comment_cannot() -> None:
    text = (Path(settings.BASE_DIR) / "hub.toml").read_text("utf-8")
    bundle.check_secrets(text)
    with pytest.raises(NotMoved, match=r"hub\.toml:2: an address holds a password"):
        bundle.check_secrets('a = 1\n# url = "postgresql://reader:hush@db/erp"\n')


def test_a_configuration_that_does_not_work_here_is_refused_with_the_variable_that_lacks(sandbox, capsys) -> None:
    text = Path(settings.HUB_CONFIG).read_text("utf-8").replace('"EUR"', '"${NOT_SET_HERE}"')
    with pytest.raises(CommandError, match=r"hub\.toml.*The environment has no NOT_SET_HERE"):
        imported(spoiled(sandbox, configuration=text.split("\n")), capsys)
    assert not list(Path(settings.HUB_CONFIG).parent.glob("tmp*"))


def test_damaged_and_foreign_files_are_refused_in_words(sandbox: Path, capsys: Any, tmp_path: Path) -> None:
    text = sandbox.read_text("utf-8")
    for wrong, words in (
        (text.replace("Big debtors", "Bigger debtors"), "was changed after it was exported"),
        (text[: len(text) // 2], "is not JSON"),
        ("[]", "is no configuration that"),
        (text.replace('"format": 1', '"format": 9'), "is of format 9"),
    ):
        sandbox.write_text(wrong, "utf-8")
        with pytest.raises(CommandError, match=words):
            imported(sandbox, capsys)
    with pytest.raises(CommandError, match="cannot be read"):
        imported(tmp_path / "none.json", capsys)
    sandbox.write_text(text, "utf-8")
    with pytest.raises(CommandError, match="in whose name"):
        imported(sandbox, capsys, "--apply", "--user", "nobody")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'webhooks = ["https://chat.example.com/hooks/T0KEN"]\nwebhook_secret = "${HOOKS_OF_A_TEST}"',
            "it may hold a token",
        ),
        ("mail = []\n# postgresql://reader:S3CRET@erp/x", "holds a password"),
    ],
)
def test_what_may_hold_a_secret_is_not_handed_on(
    figures: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    monkeypatch.setenv("HOOKS_OF_A_TEST", "a secret of forty letters, as long as it is asked for")
    target, path = Path(settings.HUB_CONFIG), tmp_path / "configuration.json"
    before = target.read_text("utf-8")
    target.write_text(f"{before}\n[alerts]\n{line}\n", "utf-8")
    try:
        with pytest.raises(CommandError, match=said):
            call_command("configuration", "--export", str(path))
    finally:
        target.write_text(before, "utf-8")
    assert not path.exists()


def test_a_file_of_another_shape_is_refused_in_words(sandbox: Path, capsys: Any) -> None:
    parts = json.loads(sandbox.read_text("utf-8"))["parts"]
    without = {"views": {"Late": {"name": "Late"}}}
    with pytest.raises(CommandError, match=r"Shared views.*“Late” lacks query\. Nothing was written"):
        imported(spoiled(sandbox, parts=parts | without), capsys)
    others: tuple[dict[str, Any], ...] = ({"parts": []}, {"configuration": [1]}, {"parts": {"views": {"Late": 7}}})
    for wrong in others:
        sandbox.write_text(json.dumps(json.loads(sandbox.read_text("utf-8")) | wrong), encoding="utf-8")
        with pytest.raises(CommandError, match="is no configuration"):
            imported(sandbox, capsys)
