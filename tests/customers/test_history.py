"""Figures of past days are packed small, and come back exactly as they were when somebody asks for such a day."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers import history
from customers.history import days as archive
from customers.history import figures as stored_figures
from customers.history import runs
from customers.history.packing import apply, by_customer, compress, difference, expand, fixed
from customers.models import ArchiveBase, ArchivedFigures, CustomerRollup, RollupDay
from customers.publishing import recompute_all
from customers.rules.snapshots import kept_day
from integration_hub.config import hub
from integration_hub.config.history import HistoryConfig
from integration_hub.jobs import execute
from integration_hub.models import Run, RunKind
from integration_hub.timing.pauses import pause, resume
from tests.customers.pages.conftest import signed_in
from tests.customers.pages.crawler import Crawler, address
from tests.customers.world import DAY, World, ago

NOW = timezone.now()
BACK = (39, 33, 30, 25, 24, 23, 12, 5)
LINES = st.dictionaries(
    st.integers(0, 30).map(str),
    st.lists(st.sampled_from(["0.0000", "1.5000", "\\N", "2026-01-02", "=", "-"]), min_size=3, max_size=3),
).map(lambda found: {customer: "\t".join([customer, *values]) for customer, values in found.items()})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES, LINES)
def test_what_was_packed_unpacks_to_the_very_same_lines(base: dict[str, str], lines: dict[str, str]) -> None:
    columns = ("a", "b", "c")
    there, told = expand(compress(columns, difference(base, lines)))
    assert there == columns
    assert apply(base, told) == lines
    assert by_customer(expand(compress(columns, lines.values()))[1]) == lines


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dates(), st.integers(0, 4000))
def test_a_number_of_days_that_grows_daily_is_kept_as_a_day_that_stays(day: date, days: int) -> None:
    kept = fixed(["7", str(days), "\\N"], (1, 2), day)
    assert fixed(kept, (1, 2), day) == ["7", str(days), "\\N"]
    assert kept == fixed(["7", str(days + 1), "\\N"], (1, 2), day + timedelta(days=1)) or day == date.max


@pytest.fixture
def company(figures: World) -> World:
    """Three customers whose figures move from day to day, rolled up at some days of two months."""
    for number in ("100", "200", "300"):
        customer = figures.linked(f"Customer {number}", number)
        for days in (5, 17, 33, 60, 90):
            invoice = figures.invoice(customer, f"{days}.07", ago(days))
            figures.item(customer, f"{days}.07", ago(days), ago(days - 30), invoice=invoice)
    figures.linked("Prospect", "400")
    recompute_all(DAY, current=True)
    for back in BACK:
        recompute_all(ago(back), current=False)
    return figures


def stored(day: date) -> list[dict[str, Any]]:
    columns = [field.attname for field in CustomerRollup._meta.concrete_fields if field.name != "id"]
    return list(CustomerRollup.objects.filter(as_of=day).order_by("customer_id").values(*columns))


def keep(monkeypatch: pytest.MonkeyPatch, **history: int) -> None:
    class Kept:
        pass

    real = hub()
    kept = Kept()
    kept.__dict__.update(history=HistoryConfig(**history), company=real.company)
    monkeypatch.setattr(archive, "hub", lambda: kept)


def test_packed_days_come_back_to_the_last_digit(company: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(monkeypatch, daily_days=10, month_ends=25)
    # More than one portion, as in a large company.
    monkeypatch.setattr(stored_figures, "BUCKET", 2)
    before = {day.as_of: stored(day.as_of) for day in RollupDay.objects.all()}
    assert any(row["oldest_overdue_days"] for row in before[ago(24)])
    packed = history.pack_due(NOW)
    ends = {
        max(day for day in before if (day.year, day.month) == month) for month in {(d.year, d.month) for d in before}
    }
    assert set(packed) == {day for day in before if day < DAY - timedelta(days=10)} - ends
    assert not CustomerRollup.objects.filter(as_of__in=packed).exists()
    assert ArchiveBase.objects.values("of_day").distinct().count() == len({(day.year, day.month) for day in packed})
    assert ArchivedFigures.objects.filter(as_of=packed[0]).count() > 1
    for day in packed:
        assert history.bring(day)
        assert stored(day) == before[day]
        assert not history.bring(day)
    later = NOW + archive.BROUGHT_FOR + timedelta(days=1)
    assert history.pack_due(later) == packed
    assert not CustomerRollup.objects.filter(as_of__in=packed).exists()
    assert {day: stored(day) for day in before if day not in packed} == {
        day: rows for day, rows in before.items() if day not in packed
    }


def test_a_page_a_rule_and_a_report_of_a_packed_day_show_what_they_showed(company, monkeypatch) -> None:
    keep(monkeypatch, daily_days=10, month_ends=0)
    otto, analyst = signed_in("otto", "Administrators"), signed_in("rita", "Analysts")
    customer = CustomerRollup.objects.exclude(overdue_amount=0).earliest("customer_id").customer
    page, report = (address(customer, "detail", as_of=ago(25).isoformat()), f"/reports/abc/?day={ago(23)}")
    shown = sorted(figure[:2] for figure in Crawler(otto).open(page).figures)
    listed = analyst.get(report)
    assert listed.status_code == 200
    history.pack_due(NOW)
    for day in (ago(25), ago(24), ago(23)):
        assert RollupDay.objects.get(as_of=day).stored is False
    assert sorted(figure[:2] for figure in Crawler(otto).open(page).figures) == shown
    assert kept_day(ago(24)) == ago(24)
    assert _cells(analyst.get(report)) == _cells(listed) != []
    for day in (ago(25), ago(24), ago(23)):
        assert RollupDay.objects.get(as_of=day).stored is True


def _cells(answer: Any) -> list[str]:
    return re.findall(r"<td[^>]*>(.*?)</td>", answer.content.decode(), re.DOTALL)


def test_a_day_that_is_computed_again_is_no_longer_what_was_packed(company, monkeypatch) -> None:
    keep(monkeypatch, daily_days=10, month_ends=0)
    day = history.pack_due(NOW)[3]
    customer = company.linked("Late comer", "500")
    company.invoice(customer, "77.00", day - timedelta(days=1))
    recompute_all(ago(0), current=True)
    recompute_all(day, current=False, links_then=False)
    again = stored(day)
    assert RollupDay.objects.get(as_of=day).archived_at is None
    assert sum(row["revenue_12m"] for row in again) >= Decimal("77.00")
    assert day in history.pack_due(NOW)
    history.bring(day)
    assert stored(day) == again


def test_a_column_that_came_later_is_empty_and_one_that_left_is_left_out(company, monkeypatch) -> None:
    keep(monkeypatch, daily_days=10, month_ends=0)
    day, other = history.pack_due(NOW)[:2]
    packed: list[Any] = [*ArchiveBase.objects.all(), *ArchivedFigures.objects.all()]
    for row in packed:
        columns, lines = expand(bytes(row.data))
        assert columns[-1] == "left_out_count"
        row.data = compress((*columns[:-1], "a_column_of_old"), lines)
        row.save()
    assert history.bring(day)
    assert set(CustomerRollup.objects.filter(as_of=day).values_list("left_out_count", flat=True)) == {0}
    recompute_all(other, current=False)
    archive.pack(other, NOW)
    assert history.bring(other)


def test_what_does_not_unpack_deletes_nothing(company, monkeypatch) -> None:
    day = ago(30)
    before = stored(day)
    monkeypatch.setattr(archive, "difference", lambda *_: [])
    monkeypatch.setattr(archive, "base_lines", lambda *_: {})
    with pytest.raises(archive.ArchiveDamaged):
        archive.pack(day, NOW)
    assert (stored(day), RollupDay.objects.get(as_of=day).stored) == (before, True)


def test_days_older_than_they_are_kept_are_forgotten_with_their_bases(company, monkeypatch) -> None:
    keep(monkeypatch, daily_days=10, month_ends=0, years=1)
    packed = history.pack_due(NOW)
    assert history.forget(packed[0] + timedelta(days=365)) == 0
    assert history.forget(packed[-1].replace(year=packed[-1].year + 1) + timedelta(days=1)) == len(packed)
    assert not ArchivedFigures.objects.exists()
    assert not ArchiveBase.objects.exists()
    assert RollupDay.objects.count() == 1 + len(BACK) - len(packed)
    keep(monkeypatch, daily_days=10, month_ends=0, years=0)
    assert history.forget(DAY + timedelta(days=9000)) == 0


def test_the_scheduler_asks_for_the_packing_once_and_the_run_does_it(company, monkeypatch) -> None:
    assert runs.tick(NOW) == []
    keep(monkeypatch, daily_days=10, month_ends=0)
    assert runs.tick(NOW) == [RunKind.ARCHIVE]
    assert runs.tick(NOW) == []
    run = Run.objects.get(kind=RunKind.ARCHIVE)
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert RollupDay.objects.filter(stored=False).exists()
    assert runs.tick(NOW + timedelta(hours=2)) == []


def test_packing_that_is_paused_is_not_asked_for(company, monkeypatch) -> None:
    keep(monkeypatch, daily_days=10, month_ends=0)
    pause("archive", by="rita", reason="backup", now=NOW)
    assert runs.tick(NOW) == []
    assert not Run.objects.filter(kind=RunKind.ARCHIVE).exists()
    resume("archive", by="rita", now=NOW)
    assert runs.tick(NOW) == [RunKind.ARCHIVE]
