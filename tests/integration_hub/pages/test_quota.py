"""The page about the API budget: right with no, one and two measurements, and never a guess."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.api_budget import FEW_SAMPLES, OLD, budget
from integration_hub.models import ApiUse, Run, RunKind, RunStatus
from integration_hub.pages import quota_rows

pytestmark = pytest.mark.django_db
# 14:00 in Berlin, so that midnight there is ten hours away.
NOW = datetime(2026, 2, 10, 13, 0, tzinfo=UTC)
ORG, OTHER_ORG = "00D000000000001AAA", "00D000000000002AAA"


def use(minutes_ago: float, used: int | None, ours: int, *, organization: str = ORG, run: Run | None = None) -> None:
    ApiUse.objects.create(
        at=NOW - timedelta(minutes=minutes_ago),
        organization=organization,
        used_by_all=used,
        limit=10_000 if used is not None else None,
        ours=ours,
        run_ref=run,
    )


def test_without_a_measurement_nothing_is_claimed() -> None:
    known = budget(NOW)
    assert (known.measured_at, known.used, known.limit, known.stops_at, known.forecast) == (None,) * 5
    assert (known.ours_today, known.ours_in_24_hours, known.no_forecast) == (0, 0, FEW_SAMPLES)
    assert quota_rows.bars(known) == []


def test_one_measurement_tells_what_is_used_but_no_pace() -> None:
    use(10, 3000, 40)
    known = budget(NOW)
    assert (known.used, known.limit, known.stops_at, known.ours_today) == (3000, 10_000, 8000, 40)
    assert known.others_in_24_hours == 2960
    assert (known.forecast, known.no_forecast) == (None, FEW_SAMPLES)
    assert known.measured_at == NOW - timedelta(minutes=10)


def test_two_measurements_give_the_pace_to_midnight_of_the_company() -> None:
    use(30, 3000, 40)
    use(0, 3050, 10)
    forecast = budget(NOW).forecast
    assert forecast is not None
    # 50 requests in half an hour are 100 an hour; ten hours are left in Berlin.
    assert (forecast.pace, forecast.used, forecast.over_minutes) == (100, 4050, 30)
    assert forecast.at == datetime(2026, 2, 10, 23, 0, tzinfo=UTC)


def test_only_the_last_hour_makes_the_pace_and_two_measurements_in_a_minute_make_none() -> None:
    use(300, 100, 1)
    use(1, 3000, 1)
    use(0, 3040, 1)
    assert budget(NOW).no_forecast == FEW_SAMPLES
    use(60, 2040, 1)
    forecast = budget(NOW).forecast
    assert forecast is not None
    assert (forecast.pace, forecast.used) == (1000, 13_040)
    assert (budget(NOW).stops_before_midnight, budget(NOW).is_stopped) == (True, False)


def test_a_number_that_fell_counts_as_no_pace() -> None:
    use(30, 3000, 1)
    use(0, 2900, 1)
    forecast = budget(NOW).forecast
    assert forecast is not None
    assert (forecast.pace, forecast.used) == (0, 2900)


def test_an_old_measurement_says_nothing_of_the_rest_of_the_day() -> None:
    use(160, 3000, 1)
    use(130, 3100, 1)
    assert (budget(NOW).forecast, budget(NOW).no_forecast) == (None, OLD)


def test_the_night_the_clock_changes_counts_its_true_hours() -> None:
    # 01:30 in Berlin on a day of 23 hours: 21.5 hours are left, not 22.5.
    at = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    for minutes, used in ((30, 0), (0, 50)):
        ApiUse.objects.create(at=at - timedelta(minutes=minutes), organization=ORG, used_by_all=used, limit=1000)
    forecast = budget(at).forecast
    assert forecast is not None
    assert forecast.at == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
    assert forecast.used == 50 + round(100 * 21.5)


def test_today_begins_at_midnight_and_24_hours_before_the_measurement() -> None:
    use(60 * 25, 10, 1000)
    use(60 * 20, 20, 100)
    use(60, None, 30)
    use(5, 3000, 3)
    known = budget(NOW)
    assert (known.ours_today, known.ours_in_24_hours) == (33, 133)


def test_another_orgs_requests_are_left_out() -> None:
    use(20, 900, 77, organization=OTHER_ORG)
    use(5, 3000, 3)
    assert (budget(NOW).ours_today, budget(NOW).used) == (3, 3000)


def test_the_bars_add_up_to_the_limit_and_say_the_same_in_words() -> None:
    use(5, 3000, 1000)
    found = quota_rows.bars(budget(NOW))
    assert [(bar.value, bar.width) for bar in found] == [(1000, 20), (2000, 40), (7000, 140)]
    assert found[0].words == "Used by this hub: 1,000 of 10,000, 10%"


def test_more_of_ours_than_of_all_never_makes_a_negative_number() -> None:
    use(5, 2, 10)
    assert budget(NOW).others_in_24_hours == 0


def test_what_can_wait_stops_first() -> None:
    use(5, 3000, 1)
    found = quota_rows.delayed_first(budget(NOW))
    assert [each.at for each in found] == [6400, 7200, 8000]
    assert found[0].names == "Refreshing formula and roll-up fields"
    assert "Pushing figures" in found[-1].names


def test_the_page_shows_what_waits_until_when_and_why(admin_page: Client) -> None:
    later = timezone.now() + timedelta(hours=2)
    held = Run.objects.create(kind=RunKind.SYNC, subject="salesforce", not_before=later, problem="Waits for requests.")
    ended = Run.objects.create(kind=RunKind.PUSH, subject="salesforce", status=RunStatus.PARTIAL, api_calls=17)
    ApiUse.objects.create(at=timezone.now(), organization=ORG, used_by_all=850, limit=1000, ours=17, run_ref=ended)
    page = admin_page.get(reverse("quota"))
    text = page.content.decode()
    assert [line.run for line in page.context["waiting"]] == [held]
    assert [(line.run, line.calls, line.used, line.share) for line in page.context["runs"]] == [
        (ended, 17, 850, "1.7%")
    ]
    for words in ("Waits for requests.", "The hub has stopped at its share", "Measured", "850", "1,000"):
        assert words in text


def test_the_page_says_so_when_nothing_was_measured(admin_page: Client) -> None:
    text = admin_page.get(reverse("quota")).content.decode()
    for words in ("Not measured yet", "No forecast", "Nothing waits", "No run has asked Salesforce yet"):
        assert words in text


def test_the_runs_lead_to_it(admin_page: Client) -> None:
    assert reverse("quota") in admin_page.get(reverse("runs")).content.decode()
