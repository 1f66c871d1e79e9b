"""Whatever can be sent to a page is in the audit afterwards, or it is said why not."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from integration_hub.alerts import outbox
from integration_hub.audit.verbs import WORDS
from integration_hub.audit.verifying import verify
from integration_hub.models import AuditRow
from tests.customers.pages.acts import ACTS, NOT_AUDITED
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.test_every_url import address, every_url

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's configuration, with somebody who is told of alerts."""
    path = tmp_path / "hub.toml"
    text = (ROOT / "hub.toml").read_text(encoding="utf-8")
    assert "\nmail = []" in text
    path.write_text(text.replace("\nmail = []", '\nmail = ["it@northgate.example"]'), encoding="utf-8")
    settings.HUB_CONFIG, settings.STATE_DIR = str(path), str(tmp_path)
    monkeypatch.setattr(outbox, "send_in_background", lambda: None)


def test_every_url_that_takes_something_has_an_act_or_a_reason(world: World, cast: Cast) -> None:
    takes = set()
    for name in every_url():
        answer: Any = cast.administrator.generic("PROPFIND", address(world, name))
        if "POST" in answer.get("Allow", ""):
            takes.add(name)
    assert takes == set(ACTS) | set(NOT_AUDITED)
    assert not set(ACTS) & set(NOT_AUDITED)


@pytest.mark.parametrize("name", ACTS)
def test_each_act_is_in_the_audit_with_who_did_it(world: World, cast: Cast, name: str) -> None:
    verb, act = ACTS[name]
    last = AuditRow.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    act(world, cast)
    rows = AuditRow.objects.filter(sequence__gt=last, what=verb)
    assert rows.count() == 1 or name in {"segments:edit", "segments:restore"}, [
        (row.what, row.after) for row in AuditRow.objects.filter(sequence__gt=last)
    ]
    row = rows.latest("sequence")
    assert row.who
    assert row.who != "command line"
    assert verb in WORDS, "the page of the audit has words for it"
    assert row.result == "ok"
    assert verify().is_whole


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("customers:change_view", {"shared": False}, {"shared": True}),
        ("segments:edit", {"name": "Late payers", "version": 1}, {"name": "Very late", "version": 2}),
        ("segments:send", {"sent": False}, {"sent": True}),
        ("schedule_resume", {"reason": "Stocktaking"}, {}),
        ("customers:handover_decision", {}, {"order": "erp:SO-1", "verdict": "confirm"}),
        ("reports:rfm_calibrate", {}, {"reason": "Orders come monthly", "method": "absolute"}),
        ("customers:differences_act", {}, {"reason": "In talks"}),
        ("parked_act", {}, {"to": "otto"}),
    ],
)
def test_it_says_what_stood_before_and_what_stands_now(
    world: World, cast: Cast, name: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    verb, act = ACTS[name]
    act(world, cast)
    row = AuditRow.objects.filter(what=verb).latest("sequence")
    for told, expected in ((row.before or {}, before), (row.after or {}, after)):
        assert {key: told.get(key) for key in expected} == expected
    assert WORDS[verb] in cast.administrator.get(reverse("audit")).content.decode()
