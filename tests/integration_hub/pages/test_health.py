"""Alive and ready."""

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from integration_hub.pages import health


def test_alive_asks_for_no_login_and_no_database() -> None:
    # No database mark: pytest-django fails the test if anything connects.
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


@pytest.mark.django_db
def test_ready_says_which_part_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "freshness", lambda: ())
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "database": True, "redis": True, "fresh": True})


@pytest.mark.django_db
def test_ready_is_503_without_redis(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "freshness", lambda: ())
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"  # type: ignore[attr-defined]
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["redis"], answer.json()["database"]) == (503, False, True)


@pytest.mark.django_db
def test_ready_is_503_where_the_role_of_the_pages_lacks_a_right(caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("revoke select on hub_stream_state from current_user")
    with transaction.atomic():
        answer = Client().get("/readyz")
        transaction.set_rollback(True)
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": True, "redis": True, "fresh": False}
    assert "permission denied" in caplog.text


@pytest.mark.django_db
def test_a_database_that_is_down_gives_503_and_says_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> bool:
        raise OperationalError("the database system is starting up")

    monkeypatch.setattr(health, "_redis_answers", refuse)
    answer = Client(raise_request_exception=False).get("/readyz")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "Nothing is lost" in answer.content.decode()
