"""Formula and roll-up fields: read alone and on their own schedule, because they change without a stamp."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from integration_hub import schedule
from integration_hub.field_facts import field_facts
from integration_hub.models import DescribedField, Run, RunKind, RunStatus, SfAccount, StreamRun, StreamState
from tests.integration_hub.salesforce.conftest import Configure
from tests.integration_hub.warehouse import world
from tests.practice_org import PracticeOrg

Sync = Callable[..., Run]
SCORE = {"name": "Score__c", "type": "double", "precision": 18, "scale": 2, "calculated": True}
ASKED = {"account_fields": ["Score__c", "Website"]}
OLD = "2020-01-01T00:00:00Z"


@pytest.fixture
def scored(sync: Sync, company: dict[str, str], practice_org: PracticeOrg, settings: Settings) -> Sync:
    """Accounts with a formula field, loaded; then the formula of two of them gives another value, without a stamp."""
    practice_org.admin("fields", {"sobject": "Account", "fields": [SCORE]})
    for name in ("group", "champion", "quiet"):
        values = {"Score__c": 1, "Website": "x.example", "SystemModstamp": OLD}
        practice_org.seed("Account", {"Id": company[name]} | values)
    practice_org.seed("Account", {"Name": "Newer"})
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    sync(**ASKED)
    for name, score in (("champion", 1.1234567e7), ("quiet", 0.30000000000000004)):
        practice_org.seed("Account", {"Id": company[name], "Score__c": score, "SystemModstamp": OLD})
    world.TOLD.clear()
    return sync


def scores(company: dict[str, str]) -> list[str]:
    found = {each.key: each.custom_fields["Score__c"] for each in SfAccount.objects.all()}
    return [found[company[name]] for name in ("group", "champion", "quiet")]


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_20_a_formula_that_changed_without_a_stamp_is_refreshed_by_a_run_of_its_own(
    scored: Sync, company: dict[str, str], practice_org: PracticeOrg, settings: Settings, bulk_from_rows: int
) -> None:
    scored(**ASKED)
    assert scores(company) == ["1.00", "1.00", "1.00"], "an incremental read cannot see it"
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    world.TOLD.clear()
    practice_org.forget_calls()
    before = SfAccount.objects.get(key=company["group"])
    run = scored(kind=RunKind.FORMULAS, bulk_from_rows=bulk_from_rows, **ASKED)
    assert run.status == RunStatus.SUCCEEDED
    assert scores(company) == ["1.00", "11234567.00", "0.30"]
    told = StreamRun.objects.get(run_ref=run, stream="salesforce.Account")
    assert (told.mode, told.read, told.updated, told.unchanged) == ("formulas", 4, 2, 2)
    asked = [call["path"] for call in practice_org.calls() if "FROM+Account+ORDER" in call["path"]]
    assert all("Website" not in path for path in asked)
    untouched = SfAccount.objects.get(key=company["group"])
    assert untouched.synced_at == before.synced_at
    website = SfAccount.objects.get(key=company["champion"]).custom_fields["Website"]
    assert website == before.custom_fields["Website"]


def test_the_accounts_of_changed_formulas_are_recomputed_in_one_publish(
    scored: Sync, company: dict[str, str], settings: Settings, configure: Configure
) -> None:
    from tests.integration_hub.salesforce.conftest import settle_run

    configure(**ASKED)
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    run = Run.objects.create(kind=RunKind.FORMULAS, subject="salesforce", status=RunStatus.RUNNING)
    settle_run(run)
    (told,) = world.TOLD
    assert told.accounts == {company["champion"], company["quiet"]}
    assert told.tables == {"sf_account"}


def test_a_formula_that_goes_back_to_an_old_value_is_seen_by_the_next_whole_read(
    scored: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    scored(kind=RunKind.FORMULAS, **ASKED)
    practice_org.seed("Account", {"Id": company["champion"], "Score__c": 1, "SystemModstamp": OLD})
    StreamState.objects.filter(pk="salesforce.Account").update(full_as_of=None)
    scored(**ASKED)
    assert scores(company)[1] == "1.00"


def test_a_second_refresh_writes_nothing(scored: Sync, company: dict[str, str]) -> None:
    scored(kind=RunKind.FORMULAS, **ASKED)
    run = scored(kind=RunKind.FORMULAS, **ASKED)
    assert StreamRun.objects.get(run_ref=run).updated == 0


def test_computed_fields_are_flagged_and_have_a_freshness_of_their_own(scored: Sync) -> None:
    DescribedField.objects.create(sobject="Account", name="Score__c", label="Score", calculated=True, type="double")
    DescribedField.objects.create(sobject="Account", name="Website", label="Website", type="url")
    began = timezone.now()
    scored(kind=RunKind.FORMULAS, **ASKED)
    score, website = field_facts("Account", ASKED["account_fields"])
    assert (score.calculated, website.calculated, website.as_of) == (True, False, None)
    assert score.as_of is not None
    assert score.as_of >= began
    state = StreamState.objects.get(pk="salesforce.Account")
    assert state.as_of is not None
    assert state.as_of < began


def test_both_runs_become_due_some_hours_after_the_first_load(
    sync: Sync, company: dict[str, str], tmp_path: Path
) -> None:
    loaded = sync(formulas_every_hours=6, sweep_every_hours=24)
    kinds = [str(RunKind.FORMULAS), str(RunKind.SWEEP)]

    def due(hours: float) -> list[str]:
        found = schedule.tick(loaded.requested_at + timedelta(hours=hours)).requested
        return [each.partition(" ")[0] for each in found if each.partition(" ")[0] in kinds]

    assert due(5.9) == []
    assert due(6.1) == ["formulas"]
    assert due(6.2) == [], "it waits already"
    assert due(24.1) == ["sweep"]
    Run.objects.filter(kind=RunKind.FORMULAS).update(status=RunStatus.SUCCEEDED, started_at=loaded.requested_at)
    assert due(24.2) == ["formulas"]
