"""F13: two installations that push to one org notice each other by their marks, and stop with words."""

from typing import Any

import pytest
from django.core.management import call_command

from integration_hub.models import ChangeStatus, Installation, RunStatus
from integration_hub.push.brake import PushRefused
from integration_hub.push.other_installations import mark
from integration_hub.push.wanted import FieldNeed, Kind
from tests.integration_hub.push import conftest, figures
from tests.integration_hub.push.conftest import World

MARK = "ERP_Pushed_By__c"
OTHER = "0123456789ab"


@pytest.fixture
def marked(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An org with a field for the mark, which is pushed."""
    fields = [*conftest.FIELDS, {"name": MARK, "label": "Pushed by", "type": "string", "length": 12}]
    world.org.admin("fields", {"sobject": "Account", "fields": fields})
    monkeypatch.setitem(conftest.MEASURES, MARK, "installation")
    monkeypatch.setitem(conftest.DEFAULTS, "installation", mark())
    monkeypatch.setitem(figures.NEEDS, "installation", FieldNeed(Kind.TEXT, length=12))
    world.configure()
    return world


def written_by_the_other(world: World, account: str) -> None:
    """The other installation, with a user of its own, puts its mark where ours stands."""
    world.org.admin(
        "edit", {"sobject": "Account", "id": account, "values": {MARK: OTHER}, "user": "other@practice.example"}
    )


def test_f13_the_mark_stays_the_same_and_goes_with_the_figures(marked: World) -> None:
    (account,) = marked.accounts(1)
    outcome, _ = marked.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert marked.stored(account)[MARK] == mark() == Installation.objects.get().mark
    assert len(mark()) == 12


def test_f13_where_another_installation_pushed_nothing_is_sent_until_one_takes_its_place(marked: World) -> None:
    one, two = marked.accounts(2)
    written_by_the_other(marked, one)
    marked.org.forget_calls()
    with pytest.raises(PushRefused, match=f"pushes to this org as well: 1 account carries its mark {OTHER}") as refused:
        marked.push()
    assert marked.writes() == []
    assert f"manage.py push --take-over {OTHER}" in refused.value.remedy
    outcome, plan = marked.push(take_over=OTHER)
    assert outcome.status == RunStatus.SUCCEEDED
    assert {marked.stored(each)[MARK] for each in (one, two)} == {mark()}
    assert not plan.changes.exclude(status=ChangeStatus.DONE).exists()
    # From now on it is no stranger, unless it writes again.
    assert marked.push()[0].status == RunStatus.SUCCEEDED
    written_by_the_other(marked, two)
    with pytest.raises(PushRefused, match="has written over what this one pushed"):
        marked.push()
    assert marked.push(take_over=OTHER)[0].status == RunStatus.SUCCEEDED
    assert marked.stored(two)[MARK] == mark()


def test_f13_a_dry_run_tells_the_same(marked: World, capsys: Any) -> None:
    (account,) = marked.accounts(1)
    written_by_the_other(marked, account)
    with pytest.raises(SystemExit):
        call_command("push", "--dry-run")
    assert "Another installation of Customer 360" in capsys.readouterr().err
