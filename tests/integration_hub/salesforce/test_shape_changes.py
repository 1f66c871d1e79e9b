"""Fields that come, vanish or change their type: a notice with a remedy, and no row lost."""

from collections.abc import Callable
from typing import Any

import pytest

from integration_hub.models import Notice, RejectedRow, Run, RunStatus, SfAccount, StreamRun, StreamState
from integration_hub.salesforce.errors import SalesforceProblem
from tests.practice_org import PracticeOrg

pytestmark = pytest.mark.chaos

Sync = Callable[..., Run]
ASKED = {"account_fields": ["Segment__c", "Website"]}
SEGMENT = {"name": "Segment__c", "type": "string", "length": 20}


@pytest.fixture
def loaded(sync: Sync, company: dict[str, str], practice_org: PracticeOrg) -> Sync:
    """The firm's accounts, with a segment, a website and an industry, loaded once."""
    practice_org.admin("fields", {"sobject": "Account", "fields": [SEGMENT]})
    old = "2020-01-01T00:00:00Z"
    for name in ("group", "champion", "quiet"):
        values = {"Segment__c": "A", "Website": "x.example", "Industry": "Retail", "SystemModstamp": old}
        practice_org.seed("Account", {"Id": company[name]} | values)
    practice_org.seed("Account", {"Name": "Newer"})

    def again(**changes: Any) -> Run:
        return sync(**(ASKED | changes))

    again()
    return again


def show(practice_org: PracticeOrg, field: str, *, readable: bool) -> None:
    practice_org.admin(
        "field_access", {"sobject": "Account", "field": field, "readable": readable, "editable": readable}
    )


def notices() -> set[str]:
    return set(Notice.objects.filter(subject="salesforce.Account", cleared_at=None).values_list("code", flat=True))


def account(company: dict[str, str], name: str = "champion") -> SfAccount:
    return SfAccount.objects.get(key=company[name])


def mode(run: Run) -> str:
    return str(StreamRun.objects.get(run_ref=run, stream="salesforce.Account").mode)


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
@pytest.mark.parametrize("field", ["Website", "Industry"])
def test_a_field_that_vanishes_keeps_its_values_and_stops_nothing(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg, field: str, bulk_from_rows: int
) -> None:
    before = StreamState.objects.get(pk="salesforce.Account").cursor
    show(practice_org, field, readable=False)
    practice_org.seed("Account", {"Id": company["champion"], "Name": "Renamed", "Segment__c": "B"})
    practice_org.seed("Account", {"Name": "New", "Segment__c": "C"})
    run = loaded(bulk_from_rows=bulk_from_rows)
    assert run.status == RunStatus.SUCCEEDED
    found = account(company)
    assert (found.name, found.industry) == ("Renamed", "Retail")
    assert found.custom_fields["Segment__c"] == "B"
    assert "x.example" in found.custom_fields["Website"]
    new = SfAccount.objects.get(name="New")
    assert (new.industry, new.custom_fields["Segment__c"]) == ("", "C")
    assert notices() == {f"missing_field:{field}"}
    told = Notice.objects.get(cleared_at=None)
    assert field in told.text
    assert "permission set" in told.remedy
    assert StreamState.objects.get(pk="salesforce.Account").cursor >= before
    assert SfAccount.objects.filter(deleted_at=None).count() == 5


def test_while_a_field_is_missing_it_stays_known_run_after_run_and_in_a_full_read(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    show(practice_org, "Website", readable=False)
    for number in range(2):
        practice_org.seed("Account", {"Id": company["champion"], "Name": f"Name {number}"})
        loaded()
        assert account(company).custom_fields["Website"]
    StreamState.objects.update(full_as_of=None)
    assert mode(loaded()) == "snapshot"
    assert account(company).custom_fields["Website"]
    assert account(company, "quiet").custom_fields["Website"]


def test_a_field_that_is_back_is_read_whole_once_because_values_may_have_changed(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    show(practice_org, "Website", readable=False)
    assert mode(loaded()) == "incremental"
    # Changed while nobody could see it, with a stamp that an incremental read does not ask for.
    old = "2020-01-01T00:00:00Z"
    practice_org.seed("Account", {"Id": company["quiet"], "Website": "changed.example", "SystemModstamp": old})
    show(practice_org, "Website", readable=True)
    assert mode(loaded()) == "snapshot"
    assert "changed" in account(company, "quiet").custom_fields["Website"]
    assert notices() == set()
    assert mode(loaded()) == "incremental"


def test_a_person_who_asks_for_everything_empties_a_hidden_field(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    show(practice_org, "Website", readable=False)
    loaded()
    loaded(full=True)
    assert account(company).custom_fields == {
        "Segment__c": "A",
        "Website": None,
        "ERP_Overdue_Amount__c": "12345678.90",
    }
    assert notices() == set()


@pytest.mark.parametrize("field", ["ERP_Number__c", "OwnerId"])
def test_without_an_essential_field_nothing_is_read(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg, field: str
) -> None:
    practice_org.seed("Account", {"Id": company["champion"], "Name": "Renamed"})
    show(practice_org, field, readable=False)
    with pytest.raises(SalesforceProblem, match=f"no field {field}"):
        loaded()
    assert account(company).name == "Champion"


def test_a_new_field_is_told_once_and_until_it_is_named(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.admin("fields", {"sobject": "Account", "fields": [{"name": "Tier__c", "type": "string", "length": 9}]})
    loaded()
    assert notices() == {"new_field:Tier__c"}
    told = Notice.objects.get(cleared_at=None)
    assert "Tier__c" in told.text
    assert "account_fields" in told.remedy
    loaded()
    assert Notice.objects.count() == 1
    loaded(account_fields=["Segment__c", "Website", "Tier__c"])
    assert notices() == set()
    assert account(company).custom_fields["Tier__c"] is None


def test_a_new_field_that_was_dismissed_is_not_told_again(loaded: Sync, practice_org: PracticeOrg) -> None:
    practice_org.admin("fields", {"sobject": "Account", "fields": [{"name": "Tier__c", "type": "string", "length": 9}]})
    loaded()
    Notice.objects.all().delete()
    loaded()
    assert notices() == set()


def test_a_retyped_field_is_told_and_read_whole_and_rows_that_do_not_fit_are_kept_as_rejected(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.admin(
        "fields", {"sobject": "Account", "fields": [{"name": "Industry", "type": "textarea", "length": 500}]}
    )
    old = "2020-01-01T00:00:00Z"
    practice_org.seed("Account", {"Id": company["quiet"], "Industry": "x" * 200, "SystemModstamp": old})
    run = loaded()
    assert mode(run) == "snapshot"
    assert run.status == RunStatus.PARTIAL
    assert "retyped_field:Industry" in notices()
    row = RejectedRow.objects.get()
    assert (row.key, row.column) == (company["quiet"], "industry")
    assert account(company, "quiet").industry == "Retail"
    assert account(company, "quiet").deleted_at is None
    assert mode(loaded()) == "incremental"


def test_a_new_field_that_cannot_be_mirrored_is_not_told(loaded: Sync, practice_org: PracticeOrg) -> None:
    practice_org.admin("fields", {"sobject": "User", "fields": [{"name": "Desk__c", "type": "string", "length": 9}]})
    loaded()
    assert not Notice.objects.filter(code__startswith="new_field").exists()


def test_the_many_fields_of_an_installed_package_are_one_notice(loaded: Sync, practice_org: PracticeOrg) -> None:
    names = [f"Package_{number}__c" for number in range(9)]
    fields = [{"name": name, "type": "string", "length": 9} for name in names]
    practice_org.admin("fields", {"sobject": "Account", "fields": fields})
    loaded()
    told = Notice.objects.get(cleared_at=None)
    assert all(name in told.text for name in names)


def test_a_field_that_somebody_emptied_here_is_read_whole_when_it_is_back(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg
) -> None:
    show(practice_org, "Website", readable=False)
    loaded(full=True)
    assert account(company).custom_fields["Website"] is None
    show(practice_org, "Website", readable=True)
    assert mode(loaded()) == "snapshot"
    assert "x.example" in account(company).custom_fields["Website"]


TABLE = [
    # change, how the next read goes, its status, the notice
    ("nothing", "incremental", RunStatus.SUCCEEDED, ""),
    ("hide Website", "incremental", RunStatus.SUCCEEDED, "missing_field:Website"),
    ("hide BillingCity", "incremental", RunStatus.SUCCEEDED, "missing_field:BillingCity"),
    ("hide Fax", "incremental", RunStatus.SUCCEEDED, ""),
    ("add Tier__c", "incremental", RunStatus.SUCCEEDED, "new_field:Tier__c"),
    ("retype Segment__c", "snapshot", RunStatus.SUCCEEDED, "retyped_field:Segment__c"),
    ("retype Fax", "incremental", RunStatus.SUCCEEDED, ""),
]


@pytest.mark.parametrize(("change", "read", "status", "notice"), TABLE, ids=[row[0] for row in TABLE])
def test_the_contract_of_changes(
    loaded: Sync, company: dict[str, str], practice_org: PracticeOrg, change: str, read: str, status: str, notice: str
) -> None:
    kind, _, field = change.partition(" ")
    if kind == "hide":
        show(practice_org, field, readable=False)
    elif field:
        spec = {"name": field, "type": "picklist", "length": 40}
        practice_org.admin("fields", {"sobject": "Account", "fields": [spec]})
    before = list(SfAccount.objects.order_by("key").values_list("key", "name", "industry", "custom_fields"))
    run = loaded()
    assert (mode(run), run.status) == (read, status)
    assert notices() == ({notice} if notice else set())
    assert list(SfAccount.objects.order_by("key").values_list("key", "name", "industry", "custom_fields")) == before
