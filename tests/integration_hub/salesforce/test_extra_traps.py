"""Further traps: clocks, proxies, byte order marks, line ends, owners who left, and names of persons."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from integration_hub.config import SalesforceConfig
from integration_hub.models import RunStatus, SfAccount, SfUser
from integration_hub.salesforce.client import Org, connect
from integration_hub.salesforce.errors import OrgUnreachable
from tests.integration_hub.salesforce.conftest import Sync
from tests.integration_hub.salesforce.relay import BOM, relaying
from tests.practice_org import PracticeOrg

NOTE = {"name": "Note__c", "type": "string", "length": 40}


@dataclass(frozen=True)
class Marked:
    """The practice org behind a relay that puts a byte order mark before every CSV; what was uploaded through it."""

    org: Org
    uploads: list[bytes]


@pytest.fixture
def relayed(config: SalesforceConfig, practice_org: PracticeOrg) -> Iterator[Marked]:
    practice_org.admin("fields", {"sobject": "Account", "fields": [NOTE]})
    with relaying(practice_org, lambda _, body: BOM + body) as relay:
        yield Marked(connect(replace(config, login_url=relay.url)), relay.uploads)


def test_trap_extra_bom_in_a_csv_result_belongs_to_no_column_and_no_value(
    relayed: Marked, practice_org: PracticeOrg
) -> None:
    ids = practice_org.seed("Account", {"Name": "Ängström"}, {"Name": "Two"})
    with relayed.org.bulk_query("SELECT Name, Id FROM Account", include_deleted=False) as result:
        assert result.columns == ("Name", "Id")
        assert sorted(result.records()) == sorted([["Ängström", ids[0]], ["Two", ids[1]]])
    answers = relayed.org.bulk_update(
        "Account", ["Id", "Note__c"], [{"Id": each, "Note__c": "x"} for each in ids], on_job=lambda _: None
    )
    assert sorted(answer.id for answer in answers if answer.ok) == sorted(ids)


def test_trap_extra_crlf_in_a_value_does_not_upset_the_declared_line_ending(
    relayed: Marked, practice_org: PracticeOrg
) -> None:
    values = ["one\r\ntwo", "one\ntwo", "one\rtwo", "plain"]
    ids = practice_org.seed("Account", *({"Name": value} for value in ("a", "b", "c", "d")))
    rows = [{"Id": each, "Note__c": value} for each, value in zip(ids, values, strict=True)]
    answers = list(relayed.org.bulk_update("Account", ["Id", "Note__c"], rows, on_job=lambda _: None))
    assert [answer.ok for answer in answers] == [True] * 4
    (upload,) = relayed.uploads
    assert upload.count(b"\n") == 1 + len(rows)
    assert b"\r" not in upload
    stored = {record["Id"]: record["Note__c"] for record in practice_org.records("Account")}
    assert [stored[each] for each in ids] == ["one two", "one two", "one two", "plain"]


class _Proxy(socketserver.StreamRequestHandler):
    """A proxy that lets nobody through, and remembers where they wanted to go."""

    asked: list[str] = []

    def handle(self) -> None:
        self.asked.append(self.rfile.readline().decode().strip())
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    _Proxy.asked = []
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    yield address
    server.shutdown()
    server.server_close()


def test_trap_extra_proxies_of_the_environment_are_used_for_salesforce(config: SalesforceConfig, proxy: str) -> None:
    with pytest.raises(OrgUnreachable, match=r"acme\.my\.salesforce\.com did not answer \(ProxyError\)") as caught:
        connect(replace(config, login_url="https://acme.my.salesforce.com"))
    assert {line.rpartition(" ")[0] for line in _Proxy.asked} == {"CONNECT acme.my.salesforce.com:443"}
    assert "proxy" in caught.value.remedy


def test_trap_extra_proxies_are_passed_by_for_addresses_of_this_machine(config: SalesforceConfig, proxy: str) -> None:
    assert connect(config).organization_id()
    assert _Proxy.asked == []


@pytest.mark.django_db
@pytest.mark.parametrize("offset", [-600, 600])
def test_trap_extra_host_clock_that_is_ten_minutes_off_misses_no_change(
    work: Sync, practice_org: PracticeOrg, offset: int
) -> None:
    practice_org.admin("clock", {"offset_seconds": offset})
    practice_org.seed("Account", {"Name": "First"})
    assert work(overlap_minutes=1).status == RunStatus.SUCCEEDED
    for name in ("Second", "Third"):
        practice_org.seed("Account", {"Name": name})
        assert work(overlap_minutes=1).status == RunStatus.SUCCEEDED
        assert SfAccount.objects.filter(name=name).exists()


@pytest.mark.django_db
def test_trap_extra_owner_deactivated_keeps_the_accounts_and_their_figures(
    work: Sync, practice_org: PracticeOrg, org: Org
) -> None:
    practice_org.admin("fields", {"sobject": "Account", "fields": [NOTE]})
    leaver = {"Username": "l@x.example", "LastName": "Left", "Email": "l@x.example", "Alias": "l", "IsActive": False}
    (owner,) = practice_org.seed("User", leaver)
    (account,) = practice_org.seed("Account", {"Name": "Orphan", "OwnerId": owner})
    assert work().status == RunStatus.SUCCEEDED
    assert SfAccount.objects.get(key=account).owner_id == owner
    assert not SfUser.objects.get(key=owner).is_active
    figures, owned = org.update_collection("Account", [{"Id": account, "Note__c": "x"}])[0], {"OwnerId": owner}
    assert figures.ok
    (refused,) = org.update_collection("Account", [{"Id": account, **owned}])
    assert refused.code == "INACTIVE_OWNER_OR_USER"


def test_trap_extra_person_account_name_never_written_takes_the_figures_beside_it(
    org: Org, practice_org: PracticeOrg
) -> None:
    fields = [NOTE, {"name": "IsPersonAccount", "type": "boolean"}]
    practice_org.admin("fields", {"sobject": "Account", "fields": fields})
    person, firm = practice_org.seed("Account", {"Name": "Ann Lee", "IsPersonAccount": True}, {"Name": "Firm"})
    answers = org.update_collection("Account", [{"Id": each, "Note__c": "x"} for each in (person, firm)])
    assert [answer.ok for answer in answers] == [True, True]
    stored = {record["Id"]: record["Name"] for record in practice_org.records("Account")}
    assert stored == {person: "Ann Lee", firm: "Firm"}
    (named,) = org.update_collection("Account", [{"Id": person, "Name": "Other"}])
    assert (named.code, named.fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ("Name",))
