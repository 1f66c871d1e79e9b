"""When something is told: once, after its shortest duration, and once more when it is over; never a storm."""

from datetime import timedelta
from decimal import Decimal

import pytest

from integration_hub.alerts.finding import Finding
from integration_hub.alerts.messages import tell, tell_rest
from integration_hub.alerts.states import settle
from integration_hub.alerts.watching import silent_since, tick
from integration_hub.config import hub
from integration_hub.models import Alert, AlertDelivery, AlertMessage, MessageKind
from tests.integration_hub.alerts.conftest import AT, Told, failing

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def kinds() -> list[str]:
    return list(AlertMessage.objects.filter(held=False).order_by("id").values_list("kind", flat=True))


def test_it_is_told_once_and_once_more_when_it_is_over(told: Told, found: list[Finding]) -> None:
    told(mail=["it@halden.example", "head@halden.example"])
    for minute in range(5):
        found[:] = [failing()]
        tick(AT + minute * MINUTE)
    assert kinds() == ["raised"]
    found[:] = [failing(number=1)]  # between the thresholds nothing changes
    tick(AT + 30 * MINUTE)
    assert Alert.objects.get().clear_since is None
    found[:] = [failing(number=0)]
    tick(AT + 31 * MINUTE)
    tick(AT + 40 * MINUTE)
    assert kinds() == ["raised"]
    tick(AT + 41 * MINUTE)
    tick(AT + 42 * MINUTE)
    assert kinds() == ["raised", "recovered"]
    raised, over = AlertMessage.objects.order_by("id")
    assert raised.subject == "[Test company] Alert: Runs fail: Sync erp"
    assert "https://hub.example.com/alerts/" in raised.body
    assert "it is over" in over.body
    assert AlertDelivery.objects.count() == 4


def test_what_passes_before_its_shortest_duration_is_told_to_nobody(told: Told, found: list[Finding]) -> None:
    told("[alerts.conditions.run_failed]\nafter_minutes = 5")
    for minute in range(4):
        found[:] = [failing()]
        tick(AT + minute * MINUTE)
    found.clear()  # its source was taken out, so it is not looked at any more
    tick(AT + 4 * MINUTE)
    assert (kinds(), Alert.objects.count()) == ([], 0)
    for minute in range(10, 16):
        found[:] = [failing()]
        tick(AT + minute * MINUTE)
    assert kinds() == ["raised"]
    told("[alerts.conditions.run_failed]\noff = true")
    tick(AT + 20 * MINUTE)
    assert (kinds(), Alert.objects.get().recovered_at) == (["raised"], AT + 20 * MINUTE)


@pytest.mark.parametrize("minutes", [1, 11])
def test_a_thousand_flaps_make_few_messages(told: Told, minutes: int) -> None:
    config, now = hub().alerts, AT
    for _ in range(1_000):
        for number in (3, 0):
            tell(settle([failing(number=number)], now, config), now, config)
            now += minutes * MINUTE
    tell_rest(now, config)
    days = max(1, (now - AT) // timedelta(days=1) + 1)
    # At most eight comings and goings a day are told, however often it flaps.
    assert len(kinds()) <= 16 * days
    assert len(kinds()) <= 2_000 // 8
    assert not AlertMessage.objects.filter(held=True).exists()


def test_a_storm_becomes_one_digest_an_hour_and_nothing_is_left_out(told: Told, found: list[Finding]) -> None:
    told(mail=["it@halden.example"], most_per_hour=5)
    found[:] = [failing(f"Sync s{number}") for number in range(30)]
    for minute in range(0, 50, 5):
        tick(AT + minute * MINUTE)
    assert kinds() == ["raised"] * 5 + ["digest"]
    digest = AlertMessage.objects.get(kind=MessageKind.DIGEST)
    assert "25 more" in digest.subject
    assert "Sync s29" in str(list(digest.holds.values_list("subject", flat=True)))
    found[:] = [failing(f"Sync s{number}", 0) for number in range(30)]
    for minute in range(50, 120, 5):
        tick(AT + minute * MINUTE)
    assert kinds().count("digest") == 2
    told_of = set(AlertMessage.objects.filter(kind=MessageKind.RECOVERED).values_list("alert", flat=True))
    assert len(told_of) == 30
    assert not AlertMessage.objects.filter(held=True, digest=None).exists()
    assert AlertDelivery.objects.count() == len(kinds())


def test_a_day_later_it_is_told_again_unless_somebody_takes_care(told: Told, found: list[Finding]) -> None:
    found[:] = [failing("Sync a"), failing("Sync b")]
    tick(AT)
    Alert.objects.filter(subject="Sync b").update(acknowledged_at=AT, acknowledged_by="anna")
    for hour in range(1, 50):
        tick(AT + timedelta(hours=hour))
    reminders = AlertMessage.objects.filter(kind=MessageKind.REMINDER)
    assert [("Sync a" in each.body, "Sync b" in each.body) for each in reminders] == [(True, False)] * 2


def test_what_becomes_critical_is_told_again_and_not_behind_warnings(told: Told, found: list[Finding]) -> None:
    told(most_per_hour=2, mail=["it@halden.example"])
    found[:] = [failing(f"Sync s{number}") for number in range(5)]
    tick(AT)
    Alert.objects.filter(subject="Sync s0").update(acknowledged_at=AT, acknowledged_by="anna", comment="On it.")
    # The hour's limit is used up by warnings.
    assert kinds() == ["raised"] * 2 + ["digest"]
    found[0] = failing("Sync s0", critical=True)
    tick(AT + MINUTE)
    newest = AlertMessage.objects.order_by("id").last()
    assert newest is not None
    assert (newest.subject, newest.held) == ("[Test company] Critical: Runs fail: Sync s0", False)
    alert = Alert.objects.get(subject="Sync s0")
    assert (alert.severity, alert.acknowledged_at, alert.raised_at) == ("critical", None, AT)
    # At the limit it goes up and down, and is told once; what is critical has a limit of its own.
    for minute in range(2, 10):
        found[0] = failing("Sync s0", critical=minute % 2 == 0)
        tick(AT + minute * MINUTE)
    assert kinds().count("raised") == 3
    found[:] = [failing(f"Sync c{number}", critical=True) for number in range(4)]
    tick(AT + 10 * MINUTE)
    assert kinds().count("raised") == 4
    assert AlertMessage.objects.filter(held=True, payload__severity="critical").count() == 3


def test_what_was_not_raised_yet_has_to_stay_above_its_threshold(told: Told, found: list[Finding]) -> None:
    for minute, used in enumerate([0.905, *[0.885] * 8]):
        found[:] = [Finding("disk_low", "disk", Decimal(str(used)))]
        tick(AT + minute * MINUTE)
    assert not Alert.objects.exists()
    for minute, used in enumerate([*[0.905] * 6, *[0.885] * 20], start=20):
        found[:] = [Finding("disk_low", "disk", Decimal(str(used)))]
        tick(AT + minute * MINUTE)
    assert kinds() == ["raised"]


def test_a_line_break_in_what_an_erp_says_begins_no_header(told: Told, found: list[Finding]) -> None:
    found[:] = [failing("Sync erp\r\nBcc: everybody@example.com")]
    tick(AT)
    assert "\n" not in AlertMessage.objects.get().subject


def test_a_scheduler_that_was_away_is_told_when_it_is_back(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    assert silent_since(AT) is None
    tick(AT)
    assert silent_since(AT + 9 * MINUTE) is None
    assert silent_since(AT + 11 * MINUTE) == AT
    tick(AT + 95 * MINUTE)
    alert = Alert.objects.get(condition="scheduler_silent")
    assert "95 minutes, from 2026-11-27 08:00 UTC" in alert.text
