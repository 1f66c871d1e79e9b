"""From the practice org into the mirror tables, through the real sync."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from integration_hub.models import (
    Notice,
    RejectedRow,
    Run,
    RunKind,
    RunStatus,
    SfAccount,
    SfAccountTeamMember,
    SfContact,
    SfOpportunity,
    SfUser,
    SfUserRole,
    StreamRun,
    StreamState,
)
from integration_hub.reconcile import reconcile
from integration_hub.salesforce.errors import OrgUnreachable
from tests.practice_org import PracticeOrg

Sync = Callable[..., Run]


def counts(run: Run) -> dict[str, tuple[int, int, int, int, int]]:
    return {
        each.stream.partition(".")[2]: (each.read, each.inserted, each.updated, each.deleted, each.rejected)
        for each in StreamRun.objects.filter(run_ref=run)
    }


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_every_object_arrives_in_its_table(sync: Sync, company: dict[str, str], bulk_from_rows: int) -> None:
    run = sync(bulk_from_rows=bulk_from_rows)
    assert run.status == RunStatus.SUCCEEDED
    assert not RejectedRow.objects.exists()
    account = SfAccount.objects.get(key=company["champion"])
    assert (account.name, account.erp_number, account.currency) == ("Champion", "0000104233", "EUR")
    assert (account.owner_id, account.parent_id) == (company["anna"], company["group"])
    assert account.billing_street == "Hauptstr. 1\nHof"
    assert account.custom_fields == {"ERP_Overdue_Amount__c": "12345678.90"}
    assert SfAccount.objects.get(key=company["quiet"]).custom_fields == {"ERP_Overdue_Amount__c": None}
    assert SfAccount.objects.get(key=company["quiet"]).name == "#N/A"
    assert SfUser.objects.get(key=company["anna"]).role_id == company["team"]
    assert SfUser.objects.get(key=company["anna"]).is_active
    assert SfUserRole.objects.get(key=company["team"]).parent_id == company["head"]
    assert SfContact.objects.get(key=company["lee"]).account_id == company["champion"]
    won = SfOpportunity.objects.get(key=company["won"])
    assert (won.amount, won.currency, won.is_won, won.probability) == (
        Decimal("33333333.33"),
        "EUR",
        True,
        Decimal(100),
    )
    assert str(won.close_on) == "2026-01-31"


@pytest.mark.parametrize("order", [(1000, 1), (1, 1000)])
def test_a_second_read_the_other_way_changes_nothing(
    sync: Sync, company: dict[str, str], order: tuple[int, int]
) -> None:
    sync(bulk_from_rows=order[0])
    again = counts(sync(bulk_from_rows=order[1], full=True))
    assert all(row[1:] == (0, 0, 0, 0) for row in again.values()), again
    assert again["Account"][0] == 3


@pytest.mark.parametrize("order", [(1000, 1, 1000), (1, 1000, 1)])
def test_rest_bulk_and_rest_again_change_no_row_and_no_fingerprint(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, order: tuple[int, int, int]
) -> None:
    for amount in (0.30000000000000004, 1.23456789e7, 1e-7, -0.0):
        practice_org.seed("Account", {"Name": str(amount), "ERP_Overdue_Amount__c": amount})
    found = []
    for bulk_from_rows in order:
        run = sync(bulk_from_rows=bulk_from_rows, full=True)
        found.append(list(SfAccount.objects.order_by("key").values_list("key", "custom_fields", "fingerprint")))
    assert found[0] == found[1] == found[2]
    assert all(row[1:] == (0, 0, 0, 0) for row in counts(run).values())


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_further_fields_of_contacts_and_opportunities_are_mirrored_by_configuration(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    score = {"name": "Score__c", "type": "double", "precision": 10, "scale": 3}
    for sobject in ("Contact", "Opportunity"):
        practice_org.admin("fields", {"sobject": sobject, "fields": [score]})
    practice_org.seed("Contact", {"Id": company["lee"], "Score__c": 0.1})
    practice_org.seed("Opportunity", {"Id": company["won"], "Score__c": 1.5e6})
    sync(bulk_from_rows=bulk_from_rows, contact_fields=["Score__c"], opportunity_fields=["Score__c", "NextStep"])
    assert SfContact.objects.get(key=company["lee"]).custom_fields == {"Score__c": "0.100"}
    assert SfOpportunity.objects.get(key=company["won"]).custom_fields["Score__c"] == "1500000.000"


def test_between_full_reads_only_what_changed_is_read(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.seed("Account", *({"Name": f"Old {n}", "SystemModstamp": "2020-01-01T00:00:00Z"} for n in range(50)))
    sync()
    practice_org.seed("Account", {"Name": "New"})
    account = counts(sync())["Account"]
    assert account[0] < 10
    assert account[1:] == (1, 0, 0, 0)
    assert SfAccount.objects.filter(deleted_at=None).count() == 54


def test_s5_a_stored_cursor_in_the_future_leads_to_a_whole_read_and_is_told(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.seed("Account", *({"Name": f"Old {n}", "SystemModstamp": "2020-01-01T00:00:00Z"} for n in range(50)))
    sync()
    stood = StreamState.objects.get(pk="salesforce.Account").cursor
    StreamState.objects.filter(pk="salesforce.Account").update(cursor="2999-01-01T00:00:00.000+0000")
    practice_org.seed("Account", {"Name": "New"})
    account = counts(sync())["Account"]
    assert account[0] > 50
    assert account[1] == 1
    assert stood <= StreamState.objects.get(pk="salesforce.Account").cursor < "2999"
    assert Notice.objects.filter(subject="salesforce.Account", code="cursor_doubted", cleared_at=None).exists()


def test_a_first_load_says_how_many_rows_came_already_deleted(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.admin("delete", {"sobject": "Account", "ids": [company["quiet"]]})
    run = sync()
    account = run.streams.get(stream="salesforce.Account")
    here = SfAccount.objects.filter(deleted_at=None).count()
    assert (account.inserted - here, account.deleted) == (1, 0)
    assert "1 of the new rows came already deleted." in account.note
    assert "deleted" not in run.streams.get(stream="salesforce.Contact").note
    practice_org.admin("delete", {"sobject": "Account", "ids": [company["champion"]]})
    again = sync().streams.get(stream="salesforce.Account")
    assert "1 of the changed rows had been deleted at the source." in again.note
    assert "came already deleted" not in again.note
    assert "deleted" not in sync(full=True).streams.get(stream="salesforce.Account").note


@pytest.mark.parametrize("full", [False, True])
def test_trap_21_the_mirror_follows_delete_undelete_and_merge(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, full: bool
) -> None:
    sync()
    practice_org.admin("delete", {"sobject": "Account", "ids": [company["quiet"]]})
    practice_org.admin("merge", {"sobject": "Account", "winner": company["group"], "loser": company["champion"]})
    sync(full=full)
    quiet, loser = (SfAccount.objects.get(key=company[name]) for name in ("quiet", "champion"))
    assert (quiet.deleted_at is None, quiet.gone_reason) == (False, "deleted")
    assert (loser.deleted_at is None, loser.gone_reason, loser.master_record) == (False, "merged", company["group"])
    assert SfContact.objects.get(key=company["lee"]).account_id == company["group"]
    practice_org.admin("undelete", {"sobject": "Account", "ids": [company["quiet"]]})
    sync(full=full)
    quiet = SfAccount.objects.get(key=company["quiet"])
    assert (quiet.deleted_at, quiet.gone_reason) == (None, "")


def test_trap_21_a_hard_deleted_account_is_found_by_the_next_full_read(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    sync()
    practice_org.admin("hard_delete", {"sobject": "Account", "ids": [company["quiet"]]})
    sync()
    assert SfAccount.objects.get(key=company["quiet"]).deleted_at is None
    sync(full=True)
    quiet = SfAccount.objects.get(key=company["quiet"])
    assert (quiet.deleted_at is None, quiet.gone_reason) == (False, "deleted")


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_reconciling_agrees_although_accounts_were_merged_and_deleted(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    practice_org.admin("delete", {"sobject": "Account", "ids": [company["quiet"]]})
    practice_org.admin("merge", {"sobject": "Account", "winner": company["group"], "loser": company["champion"]})
    run = sync(bulk_from_rows=bulk_from_rows)
    compared = {each.stream.partition(".")[2]: each for each in reconcile(run)}
    assert {name: each.detail for name, each in compared.items() if not each.agrees} == {}
    assert (compared["Account"].source_rows, compared["Account"].mirror_rows) == (1, 1)
    assert compared["Opportunity"].source_sums["amount"] == {"EUR": "33333333.33"}
    practice_org.admin("undelete", {"sobject": "Account", "ids": [company["quiet"]]})
    account = next(each for each in reconcile(run) if each.stream == "salesforce.Account")
    assert not account.agrees
    assert company["quiet"] in account.detail


def test_a_hidden_field_is_shown_to_the_administrator(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.admin("field_access", {"sobject": "Account", "field": "Website", "readable": False, "editable": False})
    run = sync()
    told = " ".join([*(notice.text for notice in Notice.objects.all()), *(each.note for each in run.streams.all())])
    assert "Website" in told


def test_trap_12_a_read_that_breaks_leaves_the_mirror_as_it_was(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    before = list(SfAccount.objects.order_by("key").values())
    practice_org.seed("Account", *({"Name": f"New {n}"} for n in range(30)))
    practice_org.admin("settings", {"bulk_page_rows": 10})
    practice_org.fault("cut_body", path="&locator")
    with pytest.raises(OrgUnreachable):
        sync(bulk_from_rows=1, full=True)
    assert list(SfAccount.objects.order_by("key").values()) == before


def test_a_sync_writes_nothing_to_salesforce(sync: Sync, company: dict[str, str], practice_org: PracticeOrg) -> None:
    practice_org.forget_calls()
    sync(bulk_from_rows=1)
    written = [
        call
        for call in practice_org.calls()
        if call["method"] != "GET" and "/oauth2/" not in call["path"] and "/jobs/query" not in call["path"]
    ]
    assert written == []


def test_an_account_team_arrives_and_an_org_without_teams_is_told_calmly(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    (member,) = practice_org.seed(
        "AccountTeamMember", {"AccountId": company["quiet"], "UserId": company["anna"], "TeamMemberRole": "Sales Rep"}
    )
    sync()
    row = SfAccountTeamMember.objects.get()
    assert (row.key, row.account_id, row.user_id, row.team_role) == (
        member,
        company["quiet"],
        company["anna"],
        "Sales Rep",
    )
    practice_org.admin("features", {"account_teams_off": True})
    for kind in (RunKind.SYNC, RunKind.FORMULAS, RunKind.SWEEP):
        run = sync(full=True, kind=kind)
        assert run.status == RunStatus.SUCCEEDED, (kind, run.problem)
        assert {each.stream: each.detail for each in reconcile(run) if not each.agrees} == {}
    notes = StreamRun.objects.filter(stream="salesforce.AccountTeamMember", run_ref__kind=RunKind.SYNC).latest("pk")
    assert "Account teams are switched off" in notes.note
    # Whoever saw the account by the team does not any more.
    assert SfAccountTeamMember.objects.get().deleted_at is not None
