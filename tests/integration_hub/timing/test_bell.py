"""The ERP's bell: signed, recent, heard once; a storm of rings makes one run; everything else is refused."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub import jobs
from integration_hub.config import ConfigurationError, read_hub
from integration_hub.models import AuditRow, ErpOrder, Ring, Run, RunKind, RunStatus
from integration_hub.pages.hooks import MOST_REFUSED, REFUSALS
from integration_hub.runs import BY_HAND, request_run
from integration_hub.timing import bell
from tests.integration_hub.warehouse.world import World

SECRET = "s3cret-" + "x" * 40


@pytest.fixture(autouse=True)
def _nothing_refused_yet() -> None:
    REFUSALS.forget()


@pytest.fixture
def erp(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An ERP with a bell."""
    monkeypatch.setenv("BELL", SECRET)
    world.options = 'webhook_secret = "${BELL}"'
    world.stream("orders", "erp_order")
    world.stream("order_lines", "erp_order_line", 'parent = "order"')
    world.stream("invoices", "erp_invoice")
    return world


def post(body: bytes, headers: dict[str, str], source: str = "main", content_type: str = "application/json") -> Any:
    """A request as an ERP sends it: no session, no token of a form."""
    client = Client(enforce_csrf_checks=True)
    return client.post(reverse("hook", args=[source]), body, content_type=content_type, headers=headers)


def signed(body: bytes, *, ago: float = 0, secret: str = SECRET) -> dict[str, str]:
    """The headers that belong to a body."""
    timestamp = str(int((timezone.now() - timedelta(seconds=ago)).timestamp()))
    return {bell.TIMESTAMP: timestamp, bell.SIGNATURE: bell.sign(secret, timestamp, body)}


def ring(told: object, source: str = "main", **how: Any) -> Any:
    """Ring for a body."""
    body = json.dumps(told).encode()
    return post(body, signed(body, **how), source)


def test_a_ring_is_kept_and_its_streams_are_read_at_once(erp: World, django_capture_on_commit_callbacks: Any) -> None:
    erp.deliver("orders", "key,number\n1,A1\n")
    erp.deliver("order_lines", "key,order\n1/1,1\n")
    with django_capture_on_commit_callbacks(execute=True):
        answer = ring({"stream": "orders", "key": "1"})
    run = Run.objects.get()
    # Files cannot be asked for one document.
    by_stream = {"run": run.pk, "documents": 1, "by_key": 0, "streams": ["order_lines", "orders"]}
    assert (answer.status_code, json.loads(answer.content)) == (202, by_stream)
    assert run.options == {"streams": ["order_lines", "orders"], "rung": True}
    kept = Ring.objects.get()
    assert (kept.source, kept.documents, kept.run_ref) == ("main", [["orders", "1"]], run)
    jobs.execute(run.pk)
    assert ErpOrder.objects.get().number == "A1"
    assert django_rq.get_queue("default").job_ids == [f"run-{run.pk}"], "rung for without waiting for a tick"


def test_a_thousand_rings_make_one_waiting_run(erp: World) -> None:
    for number in range(10):
        documents = [{"stream": "orders", "key": f"{number}-{each}"} for each in range(100)]
        assert ring({"documents": documents}).status_code == 202
    assert ring({"stream": "invoices", "key": 7}).status_code == 202
    assert Run.objects.get().options["streams"] == ["invoices", "order_lines", "orders"]
    assert Ring.objects.count() == 11


def test_rings_that_add_to_a_waiting_run_are_one_row_of_the_audit(erp: World) -> None:
    for number in range(5):
        assert ring({"stream": "orders", "key": f"SO-{number}"}).status_code == 202
    assert ring({"stream": "invoices", "key": 7}).status_code == 202
    asked = AuditRow.objects.filter(what="sync.requested")
    assert [(row.who, row.run) for row in asked] == [("bell of main", Run.objects.get().pk)]
    assert Run.objects.get().options["streams"] == ["invoices", "order_lines", "orders"]
    assert Ring.objects.count() == 6
    request_run(RunKind.SYNC, "main", by=BY_HAND, options={"full": True})
    assert asked.all().count() == 2, "what a person adds is a row of its own"


def test_a_ring_while_its_run_is_at_work_asks_for_another_one(erp: World) -> None:
    ring({"stream": "orders", "key": "1"})
    Run.objects.update(status=RunStatus.RUNNING)
    ring({"stream": "orders", "key": "2"})
    assert Run.objects.filter(status=RunStatus.QUEUED).count() == 1


def test_a_ring_does_not_narrow_a_sync_that_waits(erp: World) -> None:
    request_run(RunKind.SYNC, "main")
    ring({"stream": "orders", "key": "1"})
    assert Run.objects.get().options == {}


def test_a_ring_whose_run_could_not_be_stored_is_heard_when_it_is_sent_again(
    erp: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps({"stream": "orders", "key": "7"}).encode()
    headers = signed(body)

    def away(*_: object, **__: object) -> Run:
        raise OperationalError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr(bell, "request_run", away)
        with pytest.raises(OperationalError):
            post(body, headers)
    assert not Ring.objects.exists()
    assert post(body, headers).status_code == 202
    assert Ring.objects.get().run_ref == Run.objects.get()


def test_what_is_not_signed_recent_or_new_is_refused(erp: World) -> None:
    body = json.dumps({"stream": "orders", "key": "1"}).encode()
    right = signed(body)
    wrong: list[tuple[int, dict[str, str], bytes]] = [
        (403, {}, body),
        (403, signed(body, secret="x" * 40), body),
        (403, right | {bell.SIGNATURE: right[bell.SIGNATURE].upper()}, body),
        (403, right | {bell.SIGNATURE: "sha256=\u00e9"}, body),
        (403, right, body.replace(b"1", b"2")),
        (403, right | {bell.TIMESTAMP: "1"}, body),
        (403, signed(body, ago=301), body),
        (403, signed(body, ago=-310), body),
        (403, {bell.TIMESTAMP: "soon", bell.SIGNATURE: bell.sign(SECRET, "soon", body)}, body),
    ]
    for status, headers, sent in wrong:
        assert post(sent, headers).status_code == status, headers
    assert not Run.objects.exists()
    assert not Ring.objects.exists()
    assert post(body, signed(body, ago=290)).status_code == 202
    assert post(body, right).status_code == 202
    assert post(body, right).status_code == 403, "a replay"
    exactly = f"{timezone.now().timestamp():.6f}"
    again = {bell.TIMESTAMP: exactly, bell.SIGNATURE: bell.sign(SECRET, exactly, body)}
    assert post(body, again).status_code == 202, "another one within the second"
    assert post(body, again).status_code == 403
    assert set(AuditRow.objects.filter(what="sync.requested").values_list("who", flat=True)) == {"bell of main"}


def test_two_sources_may_ring_alike_in_the_same_instant(erp: World, monkeypatch: pytest.MonkeyPatch) -> None:
    body, now = b'{"stream": "orders", "key": "1"}', timezone.now()
    headers = signed(body)
    bell.hear("main", headers, body, now)
    asked, secret = bell._asked("main") or pytest.fail("there is no bell")
    monkeypatch.setattr(bell, "_asked", lambda name: (replace(asked, name=name), secret))
    bell.hear("other", headers, body, now)
    for name in ("main", "other"):
        with pytest.raises(bell.RingRefused, match="sent before"):
            bell.hear(name, headers, body, now)


def test_nothing_tells_a_source_without_a_bell_from_one_that_is_not_there(erp: World) -> None:
    missing = ring({"stream": "orders", "key": "1"}, "nobody")
    erp.options = ""
    erp.write()
    silent = ring({"stream": "orders", "key": "1"})
    assert (missing.status_code, silent.status_code) == (404, 404)
    assert missing.content == silent.content


def test_what_cannot_be_understood_is_told_only_to_whoever_signed_it(erp: World) -> None:
    not_understood: tuple[object, ...] = (
        [],
        {},
        {"stream": "payments", "key": "1"},
        {"stream": "orders"},
        {"stream": "orders", "key": ""},
        {"stream": "orders", "key": "x" * 201},
        {"stream": "orders", "key": "a\x00b"},
        {"stream": "orders", "key": "a\ud800"},
        {"stream": ["orders"], "key": "1"},
        {"stream": "orders", "key": True},
        {"documents": []},
        {"documents": [{"stream": "orders", "key": "1"}] * 101},
    )
    for told in not_understood:
        assert ring(told).status_code == 400, told
    for body in (b"{", b"\xff", b"[" * 60_000):
        assert post(body, signed(body)).status_code == 400
    body = b"x" * (bell.MOST_BYTES + 1)
    assert post(body, signed(body)).status_code == 413
    assert post(b"{}", signed(b"{}"), content_type="text/plain").status_code == 415
    assert not Ring.objects.exists()


def test_guessing_is_slowed_down_and_what_is_right_is_not(erp: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(MOST_REFUSED):
        assert post(b"{}", {}).status_code == 403
    answer = post(b"{}", {})
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert ring({"stream": "orders", "key": "1"}).status_code == 202
    monkeypatch.setattr(bell, "MOST_A_MINUTE", 2)
    assert ring({"stream": "orders", "key": "2"}).status_code == 202
    assert ring({"stream": "orders", "key": "3"}).status_code == 429


def test_a_short_secret_and_one_in_the_file_are_refused(erp: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELL", "short")
    with pytest.raises(ConfigurationError, match=r"webhook_secret.*shorter than 24"):
        read_hub(erp.config)
    erp.config.write_text(erp.config.read_text(encoding="utf-8").replace("${BELL}", SECRET), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="A secret stands in the file"):
        read_hub(erp.config)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_replays_in_the_same_instant_one_is_heard(transactional_db: None, erp: World) -> None:
    body = json.dumps({"stream": "orders", "key": "1"}).encode()
    headers, found = signed(body), []
    together = threading.Barrier(20)

    def send() -> None:
        together.wait()
        try:
            found.append(post(body, headers).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [202] + [403] * 19
    assert (Ring.objects.count(), Run.objects.count()) == (1, 1)


def test_the_address_is_heard_without_its_last_slash_too(erp: World) -> None:
    body = json.dumps({"stream": "orders", "key": "SO-1"}).encode()
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/hooks/main", body, content_type="application/json", headers=signed(body))
    assert (answer.status_code, answer.json()["documents"]) == (202, 1)
