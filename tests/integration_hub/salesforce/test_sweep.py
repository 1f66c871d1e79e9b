"""All ids compared: hard deletes leave the mirror, records that never arrived are read, and too many stop it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from integration_hub import locks
from integration_hub.models import Notice, Run, RunKind, RunStatus, SfAccount, SfContact, StreamRun, StreamState
from integration_hub.sources import SourceProblem
from tests.practice_org import PracticeOrg

Sync = Callable[..., Run]
OLD = "2020-01-01T00:00:00Z"


def result(run: Run, stream: str = "Account") -> StreamRun:
    return StreamRun.objects.get(run_ref=run, stream=f"salesforce.{stream}")


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_21_a_hard_deleted_account_is_found_by_comparing_all_ids(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    practice_org.seed("Contact", {"LastName": "Kept", "AccountId": company["champion"]})
    sync()
    state = StreamState.objects.values().get(pk="salesforce.Account")
    practice_org.admin("hard_delete", {"sobject": "Account", "ids": [company["quiet"]]})
    practice_org.admin("hard_delete", {"sobject": "Contact", "ids": [company["lee"]]})
    practice_org.forget_calls()
    run = sync(kind=RunKind.SWEEP, bulk_from_rows=bulk_from_rows)
    quiet = SfAccount.objects.get(key=company["quiet"])
    assert (quiet.deleted_at is None, quiet.gone_reason) == (False, "deleted")
    assert SfContact.objects.get(key=company["lee"]).gone_reason == "deleted"
    assert run.status == RunStatus.SUCCEEDED
    assert (result(run).mode, result(run).deleted, result(run).read) == ("sweep", 1, 0)
    assert SfAccount.objects.filter(deleted_at=None).count() == 2
    assert StreamState.objects.values().get(pk="salesforce.Account") == state
    asked = [
        call["path"] for call in practice_org.calls() if "FROM+Account" in call["path"] and "COUNT" not in call["path"]
    ]
    assert all("Name" not in path for path in asked)


def test_trap_19_a_record_that_was_committed_or_shared_late_is_found_and_read(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    sync()
    practice_org.seed("Account", {"Name": "Late", "Industry": "Steel", "SystemModstamp": OLD})
    sync()
    assert not SfAccount.objects.filter(name="Late").exists()
    run = sync(kind=RunKind.SWEEP)
    assert SfAccount.objects.get(name="Late").industry == "Steel"
    assert result(run).inserted == 1
    assert "1 records were missing here" in result(run).note


def test_trap_21_a_record_that_was_undeleted_without_a_stamp_comes_back(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    sync()
    SfAccount.objects.filter(key=company["quiet"]).update(
        deleted_at=timezone.now(), gone_reason="deleted", fingerprint=None
    )
    sync(kind=RunKind.SWEEP)
    quiet = SfAccount.objects.get(key=company["quiet"])
    assert (quiet.deleted_at, quiet.gone_reason) == (None, "")


def test_more_deletions_than_allowed_remove_nothing_and_are_told(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    sync()
    practice_org.admin("hard_delete", {"sobject": "Account", "ids": [company["quiet"]]})
    sync(kind=RunKind.SWEEP, max_deleted_share=0.1)
    assert SfAccount.objects.filter(deleted_at=None).count() == 3
    assert Notice.objects.get(cleared_at=None).code == "sweep_too_many_deletions"
    sync(max_deleted_share=0.1)
    assert Notice.objects.filter(cleared_at=None).exists(), "a sync knows nothing of it"
    sync(kind=RunKind.SWEEP)
    assert SfAccount.objects.filter(deleted_at=None).count() == 2
    assert not Notice.objects.filter(cleared_at=None).exists()


def test_a_row_that_a_sync_wrote_after_the_ids_were_read_is_not_removed(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    sync()
    practice_org.admin("hard_delete", {"sobject": "Account", "ids": [company["quiet"]]})
    SfAccount.objects.filter(key=company["quiet"]).update(synced_at=timezone.now() + timedelta(minutes=1))
    sync(kind=RunKind.SWEEP)
    assert SfAccount.objects.get(key=company["quiet"]).deleted_at is None


def test_very_many_missing_records_are_left_to_a_whole_read(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integration_hub.sweep.MOST_LATE", 2)
    sync()
    practice_org.seed("Account", *({"Name": f"Late {number}", "SystemModstamp": OLD} for number in range(3)))
    run = sync(kind=RunKind.SWEEP)
    assert "the next sync reads the whole stream" in result(run).note
    assert SfAccount.objects.count() == 3
    assert result(sync()).mode == "snapshot"
    assert SfAccount.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_comparison_waits_while_a_sync_is_at_work(
    transactional_db: None, sync: Sync, company: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    monkeypatch.setattr(locks, "try_lock", lambda _name: False)
    with pytest.raises(SourceProblem, match="is at work") as caught:
        sync(kind=RunKind.SWEEP)
    assert caught.value.transient


def test_trap_22_after_a_long_pause_salesforce_is_asked_for_its_log_of_deletions(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    sync()
    practice_org.forget_calls()
    sync()
    assert not [call for call in practice_org.calls() if "/deleted" in call["path"]]
    StreamState.objects.update(as_of=timezone.now() - timedelta(hours=7))
    practice_org.admin("delete", {"sobject": "Account", "ids": [company["quiet"]]})
    sync()
    asked = [call["path"] for call in practice_org.calls() if "/Account/deleted" in call["path"]]
    assert len(asked) == 1
    assert SfAccount.objects.get(key=company["quiet"]).gone_reason == "deleted"
    assert not Run.objects.filter(kind=RunKind.SWEEP).exists()


@pytest.mark.parametrize("days", [0, 20])
def test_trap_22_a_log_that_begins_too_late_is_replaced_by_comparing_all_ids(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, days: int
) -> None:
    sync(full_every_hours=1000)
    practice_org.admin("hard_delete", {"sobject": "Account", "ids": [company["quiet"]]})
    StreamState.objects.update(as_of=timezone.now() - timedelta(days=days, hours=7))
    practice_org.admin("delete_log", {"earliest": (timezone.now() + timedelta(minutes=1)).isoformat()})
    sync(full_every_hours=1000)
    assert SfAccount.objects.get(key=company["quiet"]).deleted_at is None
    asked = Run.objects.get(kind=RunKind.SWEEP)
    assert asked.status == RunStatus.QUEUED
    asked.delete()
    sync(kind=RunKind.SWEEP)
    assert SfAccount.objects.get(key=company["quiet"]).gone_reason == "deleted"


def test_more_deletions_than_salesforce_lists_are_found_by_comparing_all_ids(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    sync(full_every_hours=1000)
    practice_org.admin("hard_delete", {"sobject": "Account", "ids": [company["quiet"]]})
    StreamState.objects.update(as_of=timezone.now() - timedelta(hours=7))
    practice_org.fault("refuse", path="/deleted", code="EXCEEDED_ID_LIMIT")
    assert sync(full_every_hours=1000).status == RunStatus.SUCCEEDED
    assert Run.objects.get(kind=RunKind.SWEEP).status == RunStatus.QUEUED


def test_an_id_in_the_log_of_deletions_leaves_unless_it_came_back(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    sync()
    practice_org.admin("clock", {"offset_seconds": 0})
    practice_org.admin("delete", {"sobject": "Account", "ids": [company["quiet"], company["group"]]})
    practice_org.admin("undelete", {"sobject": "Account", "ids": [company["group"]]})
    StreamState.objects.update(as_of=timezone.now() - timedelta(hours=7))
    sync()
    gone = set(SfAccount.objects.exclude(deleted_at=None).values_list("key", flat=True))
    assert gone == {company["quiet"]}
