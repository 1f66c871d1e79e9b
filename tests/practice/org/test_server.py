"""The wire, restarts, and the server standing on its own."""

import gzip
import http.client
import json
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
import requests

from tests.practice_org import ROOT, PracticeOrg, start_practice_org

from .conftest import Api, refusal, table


@pytest.fixture
def started(tmp_path):
    """Starts servers on one state file and ends them all."""
    processes = []

    def start():
        process, url = start_practice_org("--state", str(tmp_path / "org.state"))
        processes.append(process)
        return process, PracticeOrg(url)

    yield start
    for process in processes:
        process.kill()
        process.wait()


def register(org):
    org.admin("users_app", {"client_id": org.client_id, "client_secret": org.client_secret, "username": org.username})


def test_a_chunked_upload_is_read(api):
    (account,) = api.org.seed("Account", {"Name": "A"})
    job = api.ingest(iter([b"Id,Phone\n", account.encode(), b",", b"2\n"]))
    assert api.finish("ingest", job)["numberRecordsProcessed"] == 1
    assert api.rows("SELECT Phone FROM Account") == [{"Phone": "2"}]


def test_a_compressed_request_is_read_and_large_answers_are_compressed(api):
    body = gzip.compress(json.dumps({"Name": "Müller"}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert api.call("POST", "sobjects/Account", data=body, headers=headers).status_code == 201
    assert api.rows("SELECT Name FROM Account") == [{"Name": "Müller"}]
    assert api.get("sobjects/Account/describe").headers["Content-Encoding"] == "gzip"
    plain = api.get("sobjects/Account/describe", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers


def test_many_calls_share_one_connection(api):
    address = urlsplit(api.org.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    connection.connect()
    socket = connection.sock
    for _ in range(3):
        connection.request("GET", "/services/data/v62.0/limits", headers=dict(api.session.headers))
        assert connection.getresponse().read()
        assert connection.sock is socket
    connection.close()


@pytest.mark.chaos
def test_everything_survives_a_kill_and_a_restart(started):
    process, org = started()
    register(org)
    org.admin(
        "fields",
        {
            "sobject": "Account",
            "fields": [{"name": "Sum__c", "type": "currency"}, {"name": "Yes__c", "type": "boolean"}],
        },
    )
    first, second, third = org.seed(
        "Account", {"Name": "A", "Sum__c": "0.10", "_ref": "a"}, {"Name": "B"}, {"Name": "C"}
    )
    org.admin("clock", {"now": "2026-02-10T12:00:00Z"})
    org.admin("field_access", {"sobject": "Account", "field": "Phone", "readable": False, "editable": False})
    org.admin("hard_delete", {"sobject": "Account", "ids": [third]})
    api = Api(org)
    api.sign_in()
    api.update({"id": second, "Sum__c": 5})
    finished, running = api.bulk_query("SELECT Id FROM Account"), api.bulk_query("SELECT Name FROM Account")
    api.finish("query", finished)
    before = org.records("Account")
    process.send_signal(signal.SIGKILL)
    process.wait()

    _, again = started()
    api = Api(again, session=api.session)
    assert again.records("Account") == before
    assert [row["Sum__c"] for row in api.rows("SELECT Sum__c FROM Account")] == [0.1, 5.0]
    assert refusal(api.query("SELECT Phone FROM Account")) == (400, "INVALID_FIELD")
    results = api.get(f"jobs/query/{finished}/results").text
    assert {row["Id"] for row in table(results)} == {first, second}
    assert api.finish("query", running)["state"] == "JobComplete"
    fresh = again.seed("Account", {"Name": "D", "ParentId": {"ref": "a"}})[0]
    assert fresh not in {first, second, third}
    assert again.records("Account")[-1]["CreatedDate"] == "2026-02-10T12:00:00.000+0000"


@pytest.mark.chaos
def test_switches_rules_history_and_counts_survive_a_kill_too(started):
    process, org = started()
    register(org)
    org.admin("features", {"person_accounts": True})
    (account,) = org.seed("Account", {"LastName": "Lee", "IsPersonAccount": True})
    org.admin("validation_rules", {"sobject": "Account", "field": "AnnualRevenue", "operator": "<", "value": "0.0"})
    org.admin("track_history", {"sobject": "Account", "fields": ["AnnualRevenue"]})
    org.admin("edit", {"sobject": "Account", "id": account, "values": {"AnnualRevenue": 5}})
    org.admin("delete_log", {"earliest": "2026-02-05T00:00:00Z"})
    organization = org.admin("refresh_org")["organization_id"]
    org.admin("usage", {"used": 40, "app": "C360", "app_max": 100})
    org.fault("status_429", path="recordCount", probability=0.5, seed=3, count=30)
    api = Api(org)
    api.sign_in()
    struck = [api.get("limits/recordCount").status_code for _ in range(5)]
    told = [org.admin(each, method="GET") for each in ("faults", "validation_rules")]
    process.send_signal(signal.SIGKILL)
    process.wait()

    _, again = started()
    api = Api(again, session=api.session)
    assert [again.admin(each, method="GET") for each in ("faults", "validation_rules")] == told
    assert again.records("Organization")[0]["Id"] == organization
    assert api.rows("SELECT OldValue, NewValue FROM AccountHistory") == [{"OldValue": None, "NewValue": 5.0}]
    assert not api.update({"id": account, "AnnualRevenue": -1}).json()[0]["success"]
    assert api.update({"id": account, "AnnualRevenue": 7}).json()[0]["success"]
    used = 40 + struck.count(200) + 4
    assert api.get("limits").headers["Sforce-Limit-Info"].startswith(f"api-usage={used}/")
    struck += [api.get("limits/recordCount").status_code for _ in range(15)]
    again.admin("clear_faults")
    again.fault("status_429", path="recordCount", probability=0.5, seed=3, count=30)
    assert [api.get("limits/recordCount").status_code for _ in range(20)] == struck


@pytest.mark.chaos
def test_a_line_cut_short_by_a_kill_is_left_out(started, tmp_path):
    process, org = started()
    org.seed("Account", {"Name": "A"})
    process.kill()
    process.wait()
    with (tmp_path / "org.state").open("a") as file:
        file.write('{"rows": [["Account", {"Id": "00')
    _, again = started()
    assert [row["Name"] for row in again.records("Account")] == ["A"]


def test_sigterm_ends_the_server_cleanly_and_it_starts_within_a_second(started):
    begun = time.monotonic()
    process, org = started()
    assert requests.get(f"{org.url}/services/data/", timeout=10).status_code == 200
    assert time.monotonic() - begun < 3, "the aim is one second; three allow for a busy machine"
    process.terminate()
    assert process.wait(timeout=10) == 0


@pytest.fixture
def told(monkeypatch):
    """Starts an org alone, with this environment, and gives its first lines."""
    processes = []

    def start(**environment):
        for name in ("SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "SALESFORCE_USERNAME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        process, url = start_practice_org()
        processes.append(process)
        assert process.stdout is not None
        return url, [process.stdout.readline().strip() for _ in range(3)]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_an_org_alone_tells_how_to_connect_and_lets_that_app_in(told):
    url, lines = told()
    assert lines[:2] == [f"operator page: {url}/practice/", f"login address: {url} (SALESFORCE_LOGIN_URL)"]
    assert lines[2].startswith("app key: practice-client (SALESFORCE_CLIENT_ID), secret: practice-secret (")
    Api(PracticeOrg(url, "practice-client", "practice-secret")).sign_in()


def test_a_secret_that_came_from_outside_is_not_repeated(told):
    url, lines = told(SALESFORCE_CLIENT_ID="mine", SALESFORCE_CLIENT_SECRET="hush-hush")
    assert lines[2].startswith("app key: mine (SALESFORCE_CLIENT_ID), secret: as it was given")
    assert "hush" not in "".join(lines)
    Api(PracticeOrg(url, "mine", "hush-hush")).sign_in()


def test_a_taken_port_is_told_in_one_sentence(practice_org):
    port = practice_org.url.rpartition(":")[2]
    command = [sys.executable, "-m", "integration_hub.practice.org", "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert (
        done.stderr
        == f"The practice org cannot listen on 127.0.0.1:{port}: Address already in use. Choose another --port.\n"
    )


def refused_start(*arguments):
    command = [sys.executable, "-m", "integration_hub.practice.org", "--port", "0", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    return done.stderr


def test_a_state_file_serves_one_org_at_a_time(started, tmp_path):
    _, org = started()
    org.seed("Account", {"Name": "A"})
    before = (tmp_path / "org.state").read_text()
    assert "Another practice org uses" in refused_start("--state", str(tmp_path / "org.state"))
    assert (tmp_path / "org.state").read_text() == before


@pytest.mark.parametrize("content", [b"my diary\n", b"no line end", b"\xff\xfe binary", b"[]\n"])
def test_a_file_that_is_no_state_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "precious.txt"
    path.write_bytes(content)
    assert refused_start("--state", str(path)).startswith("Line 1 of ")
    assert path.read_bytes() == content


def test_the_server_loads_neither_django_nor_anything_of_the_product(practice_org):
    code = (
        "import sys, integration_hub.practice.org.__main__\n"
        "own = ('integration_hub', 'integration_hub.practice')\n"
        "ours = ('integration_hub', 'customers', 'reports', 'django', 'simple_salesforce')\n"
        "print([m for m in sys.modules if m.split('.')[0] in ours and m not in own "
        "and not m.startswith('integration_hub.practice.org')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout.strip() == "[]"


def test_twenty_thousand_rows_come_through_bulk_in_good_time(api):
    accounts = api.org.seed("Account", *[{"Name": f"A{n}"} for n in range(100)])
    for start in range(0, 20_000, 5_000):
        api.org.seed(
            "Contact", *[{"LastName": f"L{n}", "AccountId": accounts[n % 100]} for n in range(start, start + 5_000)]
        )
    begun = time.monotonic()
    job = api.bulk_query("SELECT Id, Name, LastName, Email, AccountId, Account.Name, SystemModstamp FROM Contact")
    assert api.finish("query", job)["numberRecordsProcessed"] == 20_000
    pages, locator = [], ""
    while locator != "null":
        answer = api.get(f"jobs/query/{job}/results", params={"locator": locator} if locator else {})
        pages.append(answer.headers["Sforce-NumberOfRecords"])
        locator = answer.headers["Sforce-Locator"]
    assert pages == ["10000", "10000"]
    assert time.monotonic() - begun < 8, "0.4 s on an idle machine; eight allow for a busy one"


def test_the_management_command_does_not_start_with_production_settings(monkeypatch, settings):
    from django.core.management import CommandError, call_command

    settings.DEBUG = False
    monkeypatch.delenv("DEMO", raising=False)
    with pytest.raises(CommandError, match="does not start with production settings"):
        call_command("practice_org")
