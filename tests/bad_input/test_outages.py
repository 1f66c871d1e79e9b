"""A system that is down, or hides something, from its first refusal to the customer page."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from integration_hub.jobs import execute
from integration_hub.models import ErpOrder, Notice, RejectedRow, Run, RunKind, RunStatus, SfAccount, StreamState
from integration_hub.schedule import local_day, tick
from tests.bad_input.company import CUSTOMERS, ERP, INVOICES, NAME, ORDERS, SALESFORCE, Company, counts
from tests.integration_hub.erp.conftest import Erp

pytestmark = pytest.mark.chaos

TABLES = """
create table customers (key text, number text, name text, currency text);
insert into customers values ('7', '7', '{name}', 'EUR');
create table orders (key text, number text, customer text, ordered_on date, currency text, net_amount numeric);
insert into orders values ('1', 'A1', '7', '{day}', 'EUR', 1000), ('2', 'A2', '7', '{day}', 'EUR', 234.5);
create table invoices (key text, number text, customer text, issued_on date, due_on date, currency text,
    net_amount numeric, gross_amount numeric);
insert into invoices values ('1', 'R1', '7', '{day}', '{day}', 'EUR', 800, 952),
    ('2', 'R2', '7', '{day}', '{day}', 'EUR', 76.25, 90.74);
"""


COLUMNS = {
    "customers": CUSTOMERS.partition("\n")[0],
    "orders": ORDERS.partition("\n")[0],
    "invoices": INVOICES.partition("\n")[0],
}
STREAM = """
[[sources.streams]]
name = "{name}"
target = "{target}"
query = "select {columns} from {schema}.{name}"
"""
NO_SOCKET = "unix:///nowhere/valkey.sock"


def nobody() -> str:
    """An address of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_a_session_that_expires_is_renewed_and_nobody_notices(company: Company) -> None:
    company.org.seed("Account", {"Name": "Second"})
    company.org.fault("expire_session", count=1, path="/query")
    run = company.sync(SALESFORCE, full=True)
    assert (run.status, counts(run, "Account")) == (RunStatus.SUCCEEDED, {"inserted": 1, "unchanged": 1})
    assert company.mark()[0] == "green"


def test_a_session_that_expires_again_and_again_is_told_and_changes_nothing(company: Company) -> None:
    company.org.seed("Account", {"Name": "Second"})
    company.org.fault("unauthorized", path="/query")
    run = company.sync(SALESFORCE)
    company.expect_failure(run, problem="does not accept the session", remedy="IP")
    company.org.admin("faults", method="DELETE")
    company.expect_recovery(SALESFORCE)
    assert SfAccount.objects.live().count() == 2


@pytest.mark.parametrize("source_field", ["Website", "BillingCity"])
def test_a_field_that_is_hidden_from_our_user_keeps_its_last_values_and_stops_nothing(
    company: Company, source_field: str
) -> None:
    account = company.org.records("Account")[0]
    access = {"sobject": "Account", "field": source_field, "editable": False}
    company.org.admin("field_access", access | {"readable": False})
    company.org.seed("Account", {"Id": account["Id"], "Phone": "+49 1"})
    run = company.sync(SALESFORCE)
    assert (run.status, counts(run, "Account")) == (RunStatus.SUCCEEDED, {"updated": 1})
    kept = SfAccount.objects.get(key=account["Id"])
    assert (kept.phone, kept.custom_fields) == ("+49 1", {"Website": "https://mueller.example"})
    told = Notice.objects.get(code=f"missing_field:{source_field}", cleared_at=None)
    assert source_field in told.text
    assert "read access again" in told.remedy
    company.expect_last_good()
    company.org.admin("field_access", access | {"readable": True})
    company.expect_recovery(SALESFORCE)
    assert not Notice.objects.filter(subject="salesforce.Account", cleared_at=None).exists()


def test_a_field_that_is_hidden_on_purpose_is_emptied_when_somebody_asks_for_it(company: Company) -> None:
    company.org.admin("field_access", {"sobject": "Account", "field": "Website", "readable": False, "editable": False})
    run = company.sync(SALESFORCE, full=True)
    assert run.status == RunStatus.SUCCEEDED
    told = company.administrator.get(reverse("run", args=(run.pk,))).content.decode()
    assert "Website missing, hidden from the integration user" in told
    assert SfAccount.objects.get().custom_fields == {"Website": None}
    company.expect_recovery(SALESFORCE)


def test_without_the_erp_number_field_no_link_is_lost(company: Company) -> None:
    access = {"sobject": "Account", "field": "ERP_Number__c", "readable": False, "editable": False}
    company.org.admin("field_access", access)
    run = company.sync(SALESFORCE)
    company.expect_failure(run, problem="Account has no field ERP_Number__c", remedy="read access")


def test_salesforce_in_maintenance_keeps_the_pages_and_is_tried_again(company: Company) -> None:
    company.org.fault("maintenance_page")
    run = company.sync(SALESFORCE)
    company.expect_failure(run, problem="Salesforce answered with status 503", remedy="the next run tries again")
    assert Run.objects.get(kind=RunKind.SYNC, subject=SALESFORCE, status=RunStatus.QUEUED).attempt == 2
    company.org.admin("faults", method="DELETE")
    company.expect_recovery(SALESFORCE)


def test_salesforce_out_of_reach_keeps_the_pages_and_is_tried_again(company: Company) -> None:
    company.configure(url=f"http://{nobody()}")
    run = company.sync(SALESFORCE)
    company.expect_failure(run, problem="did not answer", remedy="the next run tries again")
    assert Run.objects.filter(kind=RunKind.SYNC, subject=SALESFORCE, status=RunStatus.QUEUED).exists()
    company.configure()
    company.expect_recovery(SALESFORCE)


@pytest.fixture
def tables(company: Company, erp: Erp) -> Erp:
    """The ERP's files become tables with the same content, read by SQL."""
    erp.run(TABLES.format(name=NAME, day=local_day(timezone.now())))
    read_by_sql(company, erp)
    assert company.sync().status == RunStatus.SUCCEEDED
    company.expect_last_good()
    return erp


def read_by_sql(company: Company, erp: Erp, url: str = "") -> None:
    """Write hub.toml so that the main ERP is the database at `url`."""
    company.erp.options = ""
    company.erp.streams = {
        name: STREAM.format(name=name, target=f"erp_{name.removesuffix('s')}", columns=columns, schema=erp.schema)
        for name, columns in COLUMNS.items()
    }
    company.configure()
    files = f'kind = "files"\ndirectory = "{company.erp.directory}"\nsettle_seconds = 0'
    text = company.erp.config.read_text(encoding="utf-8")
    assert files in text
    database = f'kind = "sql"\nurl = "{url or erp.reader_url}"'
    company.erp.config.write_text(text.replace(files, database), encoding="utf-8")


def test_an_erp_database_that_is_down_keeps_the_pages_and_is_tried_again(company: Company, tables: Erp) -> None:
    read_by_sql(company, tables, url=f"postgresql://erp_reader@{nobody()}/erp_demo")
    run = company.sync()
    company.expect_failure(run, problem="Main ERP cannot be read", remedy="check server and network")
    assert Run.objects.get(kind=RunKind.SYNC, subject=ERP, status=RunStatus.QUEUED).attempt == 2
    read_by_sql(company, tables)
    company.expect_recovery()


@pytest.mark.chaos
def test_an_erp_database_that_ends_the_session_within_a_table_publishes_nothing_of_it(
    company: Company, tables: Erp
) -> None:
    tables.run("update orders set net_amount = 5 where key = '1'")
    tables.run(
        "alter table invoices rename to every_invoice;"
        "create view invoices as select * from every_invoice where pg_terminate_backend(pg_backend_pid())"
    )
    run = company.sync()
    company.expect_failure(run, problem="terminating connection", remedy="the next run tries again")
    tables.run("drop view invoices; alter table every_invoice rename to invoices;")
    company.expect_recovery()
    assert ErpOrder.objects.get(number="A1").net_amount == 5


def test_a_column_that_an_update_of_the_erp_renamed_is_named(company: Company, tables: Erp) -> None:
    tables.run("alter table invoices rename column gross_amount to betrag")
    run = company.sync()
    company.expect_failure(run, problem='column "gross_amount" does not exist', remedy="Correct the query")
    tables.run("alter table invoices rename column betrag to gross_amount")
    company.expect_recovery()


def test_a_table_that_we_may_no_longer_read_is_named(company: Company, tables: Erp) -> None:
    tables.run("revoke select on orders from erp_reader")
    run = company.sync()
    company.expect_failure(run, problem="permission denied for table orders", remedy="GRANT SELECT")
    tables.run("grant select on orders to erp_reader")
    company.expect_recovery()


def test_nan_in_an_amount_of_the_erps_database_is_kept_whole(company: Company, tables: Erp) -> None:
    tables.run("update orders set net_amount = 'NaN' where key = '2'")
    run = company.sync()
    assert (run.status, counts(run, "orders")) == (RunStatus.PARTIAL, {"unchanged": 1, "rejected": 1})
    row = RejectedRow.objects.get()
    assert (row.key, row.column) == ("main:2", "net_amount")
    assert (row.record["number"], row.record["net_amount"]) == ("A2", "NaN")
    assert company.mark() == ("amber", "Main ERP with gaps")
    company.expect_last_good()


@pytest.fixture
def redis_down(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address of Redis is that of a socket that is not there."""
    broken = dict(settings.RQ_QUEUES["default"], URL=f"{NO_SOCKET}?db=0")
    monkeypatch.setattr("django_rq.settings.QUEUES", {"default": broken})
    settings.REDIS_URL = broken["URL"]


@pytest.mark.usefixtures("redis_down")
def test_redis_down_loses_no_request_and_the_administrator_is_told(company: Company) -> None:
    asked = company.administrator.post(reverse("sync_now"), {"source": ERP}, follow=True).content.decode()
    assert "Redis does not answer or is full, so it waits: it starts within a minute once Redis is well again." in asked
    assert Run.objects.get(kind=RunKind.SYNC, subject=ERP, status=RunStatus.QUEUED).requested_by == "otto"
    checks = company.administrator.get(reverse("checks")).content.decode()
    assert "Redis does not answer" in checks
    assert "Start Redis, or correct REDIS_URL" in checks
    assert not tick().redis_answers
    company.expect_last_good()


@pytest.mark.usefixtures("redis_down")
def test_redis_down_for_long_turns_the_mark_amber_with_a_reason(company: Company) -> None:
    late = timedelta(minutes=40)
    StreamState.objects.update(as_of=F("as_of") - late)
    Run.objects.update(started_at=F("started_at") - late)
    assert not tick().redis_answers
    assert company.mark() == ("amber", "Main ERP, Salesforce running late")
    assert "Check that worker and scheduler run" in company.read()
    company.expect_last_good()


def test_what_was_requested_while_redis_was_down_is_done_when_it_is_back(
    company: Company, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    with monkeypatch.context() as patched:
        broken = dict(settings.RQ_QUEUES["default"], URL=f"{NO_SOCKET}?db=0")
        patched.setattr("django_rq.settings.QUEUES", {"default": broken})
        company.administrator.post(reverse("sync_now"), {"source": ERP})
    assert tick().rung >= 1
    run = Run.objects.get(kind=RunKind.SYNC, subject=ERP, status=RunStatus.QUEUED)
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    company.expect_last_good()


@pytest.fixture
def full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Temporary files go to a disk of one page."""
    place = tmp_path / "full"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount the small disk of this test")
    command = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(place)]
    mounted = subprocess.run(command, check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


# The zip module complains once more when the workbook that could not be closed is thrown away.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("full_disk")
def test_a_disk_full_of_exports_gives_no_cut_file_and_says_what_to_do(company: Company) -> None:
    excel = company.analyst.get("/reports/segmentation/export/xlsx/")
    assert excel.status_code == 507
    assert "Content-Disposition" not in excel.headers
    assert "No space left on device" in excel.content.decode()
    assert "Take the CSV" in excel.content.decode()
    lines = company.analyst.get("/reports/segmentation/export/csv/")
    assert NAME in b"".join(lines.streaming_content).decode()  # type: ignore[attr-defined]
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    company.expect_last_good()
    assert company.mark()[0] == "green"
