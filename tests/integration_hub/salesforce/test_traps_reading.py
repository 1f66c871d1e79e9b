"""Traps of reading that take a whole run to show: what the run says, what the mirror holds, and who is free again."""

import csv
import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from integration_hub import jobs
from integration_hub.config import SalesforceConfig
from integration_hub.models import Run, RunKind, RunStatus, SfAccount
from integration_hub.salesforce import session
from integration_hub.salesforce.client import Org, connect
from tests.integration_hub.salesforce.conftest import Configure, Sync
from tests.integration_hub.salesforce.relay import relaying
from tests.practice_org import PracticeOrg

pytestmark = pytest.mark.django_db
PAUSES = session.PAUSES  # the real ones: the tests shorten them
OLD = "2020-01-01T00:00:00Z"
NAMES = ['a\nb,c"d', "U+2028\u2028end", "🚀 Müller", "\\N", "  spaces  x", "\ttab", '"', "'", "a\r\nb", "NA", "nu\0ll"]
Accounts = Callable[[int], list[str]]


def waiting() -> Run:
    """The one run that waits for its next try."""
    return Run.objects.get(status=RunStatus.QUEUED)


def go_on(run: Run) -> Run:
    """Do a waiting run now, as a worker does."""
    Run.objects.filter(pk=run.pk).update(not_before=None)
    jobs.execute(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("fault", ["maintenance_page", "status_420", "status_429", "status_406"])
def test_trap_10_the_pauses_grow_to_a_last_try_and_the_failure_is_recorded(
    work: Sync, practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(session, "PAUSES", PAUSES)
    monkeypatch.setattr("integration_hub.salesforce.session.time.sleep", slept.append)
    practice_org.fault(fault, path="/query")
    run = work()
    assert len(slept) == len(PAUSES)
    assert all(later >= 2 * earlier for earlier, later in pairwise(slept))
    assert sum("/query" in call["path"] for call in practice_org.calls()) == 1 + len(PAUSES)
    assert run.status == RunStatus.FAILED
    assert "Salesforce answered with status" in run.problem
    assert waiting().attempt == 2


def test_trap_11_a_hang_of_ten_minutes_is_marked_in_time_and_leaves_the_worker_free(
    work: Sync, practice_org: PracticeOrg
) -> None:
    practice_org.seed("Account", {"Name": "One"})
    practice_org.fault("hang", seconds=600, path="/query")
    began = time.monotonic()
    run = work(timeout_seconds=1)
    assert time.monotonic() - began < 7, "all tries of a call together take at most three timeouts"
    assert run.status == RunStatus.FAILED
    assert "did not answer (ReadTimeout)" in run.problem
    practice_org.admin("faults", method="DELETE")
    assert go_on(waiting()).status == RunStatus.SUCCEEDED
    assert SfAccount.objects.get().name == "One"


@pytest.mark.parametrize("fault", ["cut_body", "truncated_gzip"])
def test_trap_12_a_page_cut_in_its_body_is_read_again_by_its_locator(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, fault: str
) -> None:
    expected = accounts(75)
    practice_org.admin("settings", {"rest_page_rows": 20})
    practice_org.fault(fault, path="/query/01g", after=1, count=2)
    practice_org.forget_calls()
    assert sorted(record["Id"] for record in org.query("SELECT Id, Name FROM Account")) == sorted(expected)
    paths = [call["path"].partition("/query/")[2] for call in practice_org.calls()]
    assert [path.startswith("?q=") for path in paths] == [True] + [False] * 5, "the query is not asked anew"
    assert paths[2] == paths[3] == paths[4]


def test_trap_12_a_page_that_was_cut_between_two_rows_is_read_again(
    config: SalesforceConfig, practice_org: PracticeOrg, accounts: Accounts
) -> None:
    expected = accounts(45)
    practice_org.admin("settings", {"bulk_page_rows": 20})
    cut: list[str] = []

    def without_last_row(path: str, body: bytes) -> bytes:
        if "locator=" not in path or path in cut:
            return body
        cut.append(path)
        return body[: body.rstrip(b"\n").rindex(b"\n") + 1]

    with relaying(practice_org, without_last_row) as relay:
        org = connect(replace(config, login_url=relay.url))
        with org.bulk_query("SELECT Id, Name FROM Account", include_deleted=False) as result:
            assert sorted(row[0] for row in result.records()) == sorted(expected)
    assert len(cut) == 2


def test_trap_16_accounts_that_come_and_go_between_the_pages_are_reconciled_by_id(
    sync: Sync, practice_org: PracticeOrg
) -> None:
    practice_org.admin("settings", {"rest_page_rows": 20})
    old = practice_org.seed(
        "Account", *({"Name": f"Old {n}", "SystemModstamp": OLD} for n in range(44)), {"Name": "New"}
    )
    practice_org.fault("concurrent_delete", ids=[old[0]], path="/query/01g", count=1)
    sync()
    assert set(mirrored()) == set(old), "the first page was read before the account went"
    practice_org.admin("hard_delete", {"sobject": "Account", "ids": [old[1]]})
    practice_org.seed("Account", {"Name": "Late", "SystemModstamp": OLD})
    sync()
    live = {record["Id"] for record in practice_org.records("Account") if not record["IsDeleted"]}
    assert len(mirrored()) == len(live), "by count alone nothing is wrong"
    assert set(mirrored()) != live
    sync(kind=RunKind.SWEEP)
    assert set(mirrored()) == live


def mirrored() -> list[str]:
    return list(SfAccount.objects.filter(deleted_at=None).values_list("key", flat=True))


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_24_an_instant_is_the_same_whether_it_comes_with_z_or_with_an_offset(
    sync: Sync, practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    for stamp in ("2026-02-10T12:00:00Z", "2026-02-10T12:00:00.000+0000", "2026-02-10T13:00:00+01:00"):
        practice_org.seed("Account", {"Name": stamp, "SystemModstamp": stamp, "CreatedDate": stamp})
    sync(bulk_from_rows=bulk_from_rows)
    noon = datetime(2026, 2, 10, 12, tzinfo=UTC)
    assert set(SfAccount.objects.values_list("source_modified_at", flat=True)) == {noon}
    assert sync(bulk_from_rows=bulk_from_rows).streams.get(stream="salesforce.Account").updated == 0


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_26_words_for_nothing_are_kept_as_names_and_an_empty_value_is_null(
    sync: Sync, practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    names = ["NA", "null", "#N/A", "None", "nan"]
    practice_org.seed("Account", *({"Name": name, "Website": name} for name in names), {"Name": "-", "Website": ""})
    sync(bulk_from_rows=bulk_from_rows, account_fields=["Website"])
    found = {each.name: each.custom_fields["Website"] for each in SfAccount.objects.all()}
    assert found == {**{name: name for name in names}, "-": None}


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_27_names_of_every_kind_are_the_same_in_the_mirror_but_for_nul(
    sync: Sync, practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    practice_org.seed("Account", *({"Name": name} for name in NAMES))
    sync(bulk_from_rows=bulk_from_rows)
    assert sorted(SfAccount.objects.values_list("name", flat=True)) == sorted(name.replace("\0", "") for name in NAMES)


def turned(path: str, body: bytes) -> bytes:
    """A later page of a result with its columns in the opposite order, as API versions below 50 give them."""
    if "locator=" not in path:
        return body
    written = io.StringIO()
    rows = [row[::-1] for row in csv.reader(io.StringIO(body.decode(), newline=""))]
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()


def test_trap_30_pages_with_a_header_each_and_columns_in_another_order_are_read_by_name(
    sync: Sync, config: SalesforceConfig, practice_org: PracticeOrg, accounts: Accounts
) -> None:
    expected = dict(zip(accounts(45), (f"Customer {place}" for place in range(1, 46)), strict=True))
    practice_org.admin("settings", {"bulk_page_rows": 20})
    with relaying(practice_org, turned) as relay:
        org = connect(replace(config, login_url=relay.url))
        with org.bulk_query("SELECT Id, Name FROM Account", include_deleted=False) as result:
            assert {row[0]: row[1] for row in result.records()} == expected
        assert sync(bulk_from_rows=1, login_url=relay.url).status == RunStatus.SUCCEEDED
    assert dict(SfAccount.objects.values_list("key", "name")) == expected


def test_trap_1_a_sync_whose_session_ends_on_page_three_signs_in_once_and_has_every_row_once(
    sync: Sync, configure: Configure, practice_org: PracticeOrg, accounts: Accounts, token_requests: Callable[[], int]
) -> None:
    expected = accounts(75)
    practice_org.admin("settings", {"rest_page_rows": 20})
    practice_org.fault("expire_session", count=1, after=1, path="/query/01g")
    run = sync()
    told = run.streams.get(stream="salesforce.Account")
    assert (told.read, told.inserted, told.duplicates) == (75, 75, 0)
    assert sorted(mirrored()) == sorted(expected)
    assert token_requests() == 2
