"""Wrong passwords lock signing in for a while, however they are spread; nobody can keep somebody else out with them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.sign_on import upkeep

pytestmark = pytest.mark.django_db
PASSWORD, WRONG = "a-long-password", "another-long-password"
OFFICE, HOME = "198.51.100.1", "203.0.113.9"


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user("anna", "anna@x.org", PASSWORD)


def attempt(name: str, address: str, password: str = WRONG) -> int:
    """Status of one attempt in a browser of its own: 200 wrong, 302 signed in, 429 locked."""
    answer = Client().post(reverse("login"), {"username": name, "password": password}, REMOTE_ADDR=address)
    return answer.status_code


def test_one_address_that_tries_many_names_is_locked_after_fifty(anna) -> None:
    tried = [attempt(f"name{number}", OFFICE) for number in range(52)]
    assert tried == [200] * 49 + [429] * 3
    assert attempt("anna", OFFICE, PASSWORD) == 429
    assert attempt("anna", HOME, PASSWORD) == 302


def test_who_is_locked_is_told_for_how_long(anna, client) -> None:
    for number in range(50):
        attempt(f"name{number}", OFFICE)
    answer = client.post(reverse("login"), {"username": "anna", "password": PASSWORD}, REMOTE_ADDR=OFFICE)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Wait a quarter of an hour" in answer.content.decode()


def test_one_name_that_is_tried_from_many_addresses_is_locked_after_thirty(anna) -> None:
    tried = [attempt("anna", f"203.0.113.{number}") for number in range(32)]
    assert tried == [200] * 29 + [429] * 3
    assert attempt("anna", OFFICE, PASSWORD) == 429
    assert attempt("ben", OFFICE) == 200


def test_nobody_can_lock_a_name_where_its_owner_signed_in_lately(anna) -> None:
    assert attempt("anna", OFFICE, PASSWORD) == 302
    for number in range(31):
        attempt("anna", f"203.0.113.{number}")
    assert attempt("anna", HOME, PASSWORD) == 429
    assert attempt("anna", OFFICE, PASSWORD) == 302
    # There, too, ten wrong ones are enough.
    assert [attempt("anna", OFFICE) for _ in range(10)] == [200] * 9 + [429]
    AccessLog.objects.update(attempt_time=timezone.now() - timedelta(days=31))
    AccessAttempt.objects.filter(ip_address=OFFICE).delete()
    assert attempt("anna", OFFICE, PASSWORD) == 429


def test_nobody_can_lock_a_whole_office_that_signed_in_lately(anna) -> None:
    assert attempt("anna", OFFICE, PASSWORD) == 302
    for number in range(50):
        attempt(f"name{number}", OFFICE)
    assert attempt("ben", OFFICE) == 429
    assert attempt("anna", OFFICE, PASSWORD) == 302
    assert [attempt("anna", OFFICE) for _ in range(10)] == [200] * 9 + [429]


def test_a_lock_ends_although_somebody_goes_on_trying(anna) -> None:
    with time_machine.travel("2026-03-02 08:00Z", tick=False) as clock:
        for _ in range(10):
            attempt("anna", OFFICE)
        kept = AccessAttempt.objects.get().post_data
        for _ in range(7):
            clock.shift(timedelta(minutes=2))
            assert attempt("anna", OFFICE) == 429
        assert AccessAttempt.objects.get().post_data == kept
        clock.shift(timedelta(minutes=2))
        assert attempt("anna", OFFICE, PASSWORD) == 302


def test_all_addresses_of_one_customer_of_a_provider_count_as_one(anna) -> None:
    tried = [attempt("anna", f"2001:db8:1:2::{number:x}") for number in range(10)]
    assert tried == [200] * 9 + [429]
    assert attempt("anna", "2001:db8:1:3::1") == 200
    assert [attempt("anna", address) for address in (f"::ffff:{HOME}", HOME)] == [200, 200]
    assert AccessAttempt.objects.get(ip_address=HOME).failures_since_start == 2
    assert [attempt("ben", "") for _ in range(10)] == [200] * 9 + [429]


def test_upkeep_forgets_sessions_that_are_over_and_attempts_that_count_no_more(anna, settings: Any) -> None:
    now = timezone.now()
    for name, days in (("kept", 1), ("over", -1)):
        Session.objects.create(session_key=name, session_data="", expire_date=now + timedelta(days=days))
    attempt("anna", OFFICE)
    attempt("ben", OFFICE)
    AccessAttempt.objects.filter(username="ben").update(attempt_time=now - timedelta(hours=1))
    for days in (1, 40):
        log = AccessLog.objects.create(username=f"{days}", ip_address=OFFICE, attempt_time=now)
        AccessLog.objects.filter(pk=log.pk).update(attempt_time=now - timedelta(days=days))
    assert "integration_hub.sign_on.upkeep.tick" in settings.TICK_HOOKS
    upkeep._done.clear()
    upkeep.tick(now)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["kept"]
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["anna"]
    assert list(AccessLog.objects.values_list("username", flat=True)) == ["1"]
    Session.objects.update(expire_date=now - timedelta(days=1))
    upkeep.tick(now + timedelta(minutes=59))
    assert Session.objects.exists()
    upkeep.tick(now + timedelta(minutes=60))
    assert not Session.objects.exists()


def test_a_clock_that_is_a_day_ahead_signs_nobody_out(anna, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    Session.objects.create(session_key="kept", session_data="", expire_date=now + timedelta(hours=12))
    attempt("anna", OFFICE)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1))
    upkeep._done.clear()
    upkeep.tick(timezone.now())
    assert Session.objects.exists()
    assert AccessAttempt.objects.exists()
