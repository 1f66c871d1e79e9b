"""The probe: nothing of the org is in its transcript, it writes nothing unasked, and it puts back what it changed."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integration_hub.salesforce import asking, probe
from integration_hub.salesforce.probe_masking import Masker
from integration_hub.salesforce.tokens import fetch_token
from tests.practice_org import PracticeOrg

NAMES = ("O'Brien & Söhne GmbH", "Kestrel Instruments", "Müller \\ Co", "zażółć 4711 Ltd")
SECRET_FIELD = "Kreditlimit_Kestrel__c"
FIELDS = [
    {"name": SECRET_FIELD, "label": "Kreditlimit Kestrel", "type": "currency", "precision": 18, "scale": 2},
    {"name": "Notiz__c", "label": "Notiz", "type": "string", "length": 40},
    {"name": "Only_Read__c", "label": "Only read", "type": "double", "precision": 9, "scale": 1, "calculated": True},
]
VALUE = "8472615093.37"


@pytest.fixture
def hub_file(
    practice_org: PracticeOrg, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    """hub.toml of the practice org, and pauses that do not pause."""
    path = tmp_path / "hub.toml"
    path.write_text(
        "sources = []\n[company]\nname = 'Halden Secret AG'\nreporting_currency = 'EUR'\ntime_zone = 'UTC'\n"
        f"[salesforce]\nlogin_url = '{practice_org.url}'\nclient_id = '{practice_org.client_id}'\n"
        "client_secret = '${PROBE_TEST_SECRET}'\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PROBE_TEST_SECRET", practice_org.client_secret)
    monkeypatch.setattr(probe, "PAUSE", 0.0)
    settings.HUB_CONFIG = str(path)
    practice_org.admin("fields", {"sobject": "Account", "fields": FIELDS})


@pytest.fixture
def accounts(practice_org: PracticeOrg, hub_file: None) -> list[str]:
    rows = [{"Name": name, SECRET_FIELD: VALUE, "Notiz__c": "vertraulich"} for name in NAMES]
    ids = practice_org.seed("Account", *rows, *({"Name": f"Kestrel {number}"} for number in range(400)))
    practice_org.forget_calls()
    return ids


def run(*arguments: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("salesforce_probe", *arguments, stdout=out, stderr=StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def writes(org: PracticeOrg) -> list[str]:
    return [
        f"{call['method']} {call['path']}"
        for call in org.calls()
        if call["method"] != "GET" and "/oauth2/" not in call["path"] and "/jobs/query" not in call["path"]
    ]


def stored(org: PracticeOrg, account: str, field: str) -> Any:
    return next(record for record in org.records("Account") if record["Id"] == account).get(field)


@pytest.fixture
def secrets(practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], list[str]]:
    """Everything that must not be told, the tokens of this test included."""
    tokens: list[str] = []
    fetch = fetch_token

    def noted(*arguments: Any) -> Any:
        token = fetch(*arguments)
        tokens.append(token.access_token)
        return token

    monkeypatch.setattr(asking, "fetch_token", noted)

    def all_of(ids: list[str]) -> list[str]:
        organization = practice_org.records("Organization")[0]
        users = practice_org.records("User")
        host = practice_org.url.removeprefix("http://")
        return [
            *NAMES,
            *("Kestrel", "Brien", "ller", "Halden", "Practice Org", "vertraulich", "Kreditlimit", "Notiz"),
            *ids,
            *(each[:15] for each in ids),
            *(str(user[key]) for user in users for key in ("Id", "Username", "LastName")),
            *(organization["Id"], organization["Id"][:15], organization["InstanceName"]),
            *(practice_org.client_id, practice_org.client_secret, host, host.partition(":")[2]),
            *(VALUE, VALUE[:4], "8472"),
            *tokens,
        ]

    return all_of


def told(lines: list[dict[str, Any]], secrets: list[str]) -> list[str]:
    text = json.dumps(lines, ensure_ascii=False)
    assert len(secrets) > 400
    return [secret for secret in secrets if secret.lower() in text.lower()]


def test_reading_writes_nothing_and_settles_what_it_can(practice_org: PracticeOrg, accounts: list[str]) -> None:
    lines = run()
    assert writes(practice_org) == []
    assert {line["point"] for line in lines if "point" in line} == {1, 2, 3, 4, 5, 6, 7, 8, 9}
    early = next(line for line in lines if line.get("step") == "results at once")
    assert (early["point"], early["status"] >= 200) == (5, True)
    complete = next(line for line in lines if line.get("step") == "results when complete")
    assert complete["status"] == 200
    assert re.match(r'"Id"\n("<001-\d+>"\n)+', complete["body"])
    notes = [line["note"] for line in lines if "note" in line]
    assert any("UserRole: Id id, Name string, ParentRoleId reference" in note for note in notes)
    lengths = [note for note in notes if note.startswith("a query of ")]
    assert [note.rpartition("status ")[2] for note in lengths] == ["200"] * 4 + ["414 URI_TOO_LONG"] * 3
    assert any(note.startswith("the first of 12 open queries") for note in notes)
    assert not any(note.startswith("stopped") for note in notes)


def test_the_transcript_names_nobody(
    practice_org: PracticeOrg, accounts: list[str], secrets: Callable[[list[str]], list[str]]
) -> None:
    lines = run("--write", "--account", accounts[0], "--field", SECRET_FIELD)
    assert told(lines, secrets(accounts)) == []
    assert "sf__Error" in json.dumps(lines)
    assert "INVALID_CROSS_REFERENCE_KEY" in json.dumps(lines) or "ENTITY_IS_DELETED" in json.dumps(lines)


@pytest.mark.parametrize("field", [SECRET_FIELD, "Notiz__c"])
def test_a_field_that_was_changed_is_put_back(practice_org: PracticeOrg, accounts: list[str], field: str) -> None:
    before = stored(practice_org, accounts[1], field)
    others = [stored(practice_org, account, field) for account in accounts[2:10]]
    lines = run("--write", "--account", accounts[1], "--field", field)
    assert any(call.startswith("PATCH") and accounts[1] in call for call in writes(practice_org))
    assert stored(practice_org, accounts[1], field) == before
    assert [stored(practice_org, account, field) for account in accounts[2:10]] == others
    assert not any(line.get("note", "").startswith("stopped") for line in lines)
    uploads = [line for line in lines if line.get("step") == "second upload"]
    assert [line["point"] for line in uploads] == [4]


def test_rounding_is_told_as_sent_and_kept(accounts: list[str]) -> None:
    lines = run("--write", "--account", accounts[0], "--field", SECRET_FIELD)
    notes = [line["note"] for line in lines if line.get("point") == 7 and "sent" in line.get("note", "")]
    assert len(notes) == 4
    assert all(note.startswith("currency of scale 2: 1.00") for note in notes)


@pytest.mark.parametrize("place", [2, 5, 8, 9, 12, 13])
def test_a_field_is_put_back_when_the_org_fails_in_the_middle(
    practice_org: PracticeOrg, accounts: list[str], place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asking.Asker.ask
    count = 0

    def breaking(self: asking.Asker, method: str, path: str, **options: Any) -> asking.Answer:
        nonlocal count
        is_write = method != "GET" and "jobs/query" not in path
        count += is_write
        if is_write and count == place:
            raise RuntimeError("the process was interrupted")
        return asked(self, method, path, **options)

    monkeypatch.setattr(asking.Asker, "ask", breaking)
    with pytest.raises(RuntimeError, match="interrupted"):
        run("--write", "--account", accounts[0], "--field", SECRET_FIELD)
    assert Decimal(str(stored(practice_org, accounts[0], SECRET_FIELD))) == Decimal(VALUE)


def test_a_field_that_cannot_be_put_back_is_told_with_its_old_value(
    practice_org: PracticeOrg, accounts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asking.Asker.ask
    last = 0

    def refusing(self: asking.Asker, method: str, path: str, **options: Any) -> asking.Answer:
        nonlocal last
        if method == "PATCH" and path.startswith("sobjects/"):
            last += 1
            if last > 5:
                return asking.Answer(400, {}, [{"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "No"}])
        return asked(self, method, path, **options)

    monkeypatch.setattr(asking.Asker, "ask", refusing)
    with pytest.raises(CommandError, match=VALUE):
        run("--write", "--account", accounts[0], "--field", SECRET_FIELD)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--write",), "--write needs a test account"),
        (("--write", "--account", "001000000000001AAA"), "--write needs a test account"),
        (("--account", "001000000000001AAA"), "are for --write"),
        (("--write", "--account", "nonsense", "--field", SECRET_FIELD), "is no Salesforce id"),
        (("--write", "--account", "001000000000ZZZAAA", "--field", SECRET_FIELD), "is no Salesforce id|no account"),
        (("--write", "--account", "{account}", "--field", "Nothing__c"), "no field Nothing__c"),
        (("--write", "--account", "{account}", "--field", "Only_Read__c"), "may edit"),
        (("--write", "--account", "{account}", "--field", "Industry"), "may edit"),
    ],
)
def test_what_is_not_fit_to_be_changed_is_refused_before_anything_is_written(
    practice_org: PracticeOrg, accounts: list[str], arguments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        run(*(each.format(account=accounts[0]) for each in arguments))
    assert writes(practice_org) == []


def test_what_stops_one_point_leaves_the_others(practice_org: PracticeOrg, accounts: list[str]) -> None:
    practice_org.fault("maintenance_page", path="jobs")
    lines = run()
    assert any(line.get("note", "").startswith("stopped") for line in lines if line.get("point") == 1)
    assert [line["status"] for line in lines if line.get("point") == 5] == [503]
    assert any("UserRole" in line.get("note", "") for line in lines if line.get("point") == 9)


def test_the_transcript_goes_to_a_file(accounts: list[str], tmp_path: Path) -> None:
    run("--output", str(tmp_path / "probe.jsonl"))
    first = json.loads((tmp_path / "probe.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first == {"transcript": "salesforce_probe", "format": 1, "api_version": "62.0"}


def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(
    practice_org: PracticeOrg, accounts: list[str], tmp_path: Path
) -> None:
    practice_org.forget_calls()
    with pytest.raises(CommandError, match="cannot be written"):
        run("--output", str(tmp_path / "nowhere" / "probe.jsonl"))
    assert practice_org.calls() == []


def test_the_same_id_has_the_same_placeholder_whatever_its_length() -> None:
    mask = Masker()
    assert mask.text("001A000001abcDE, 005B000001abcDE and 001A000001abcDEIAY") == "<001-1>, <005-1> and <001-1>"


def test_free_text_keeps_only_salesforces_own_words() -> None:
    masked = Masker().text("Umsatz Nord: data value too large: O'Brien 12 (max length=40)")
    assert masked == "xxxxxx xxxx: data value too large: x'xxxxx 99 (max length=99)"


def test_a_result_file_keeps_codes_and_quoting() -> None:
    text = '"sf__Id","sf__Error",Id,Umsatz__c\n"","ENTITY_IS_DELETED:entity is deleted:--","001A000001abcDEIAY","7"\n'
    assert Masker().csv(text) == (
        '"sf__Id","sf__Error",Id,xxxxxx__x\n"","ENTITY_IS_DELETED:entity is deleted:--","<001-1>","9"\n'
    )


def test_a_body_keeps_its_shape_and_no_value() -> None:
    body = {
        "totalSize": 1,
        "records": [{"Id": "001A000001abcDEIAY", "Name": "Kestrel", "Umsatz__c": Decimal("-12.50")}],
    }
    assert Masker().shape(body) == {
        "totalSize": "number(1.0)",
        "records": [{"Id": "<001-1>", "Name": "text(7)", "key(9)": "number(2.2)"}],
    }
