"""The pages behind a run's numbers: its streams, their rows, how far it is, and rows that are tried again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub import progress
from integration_hub.models import RejectedRow, Run, RunKind, RunProgress, RunRow, RunStatus, SfAccount, StreamRun
from tests.integration_hub.pages.conftest import signed_in
from tests.integration_hub.pages.test_runs import a_run

pytestmark = pytest.mark.django_db
STREAM = "salesforce.accounts"
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def an_account(number: int, run: int) -> str:
    key = f"{number:018d}"
    SfAccount.objects.create(key=key, source="salesforce", synced_at=timezone.now(), run=run)
    return key


def text_of(client: Client, name: str, *arguments: object) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def test_a_number_opens_exactly_the_rows_it_counts_and_says_which_were_written_again(admin_page: Client) -> None:
    run, later = a_run(), a_run()
    StreamRun.objects.create(run_ref=run, stream=STREAM, mode="snapshot", read=6, inserted=3, updated=1, duplicates=2)
    keys = [an_account(1, run.pk), an_account(2, run.pk), an_account(3, later.pk)]
    changed = an_account(4, run.pk)
    RunRow.objects.bulk_create(RunRow(run_ref=run, stream=STREAM, change="inserted", key=key) for key in keys)
    RunRow.objects.create(run_ref=run, stream=STREAM, change="updated", key=changed)
    page = admin_page.get(reverse("run_rows", args=[run.pk, STREAM, "inserted"]))
    assert [(line.key, line.stands) for line in page.context["lines"]] == list(
        zip(keys, (True, True, False), strict=True)
    )
    text = page.content.decode()
    assert "2 of 3 still stand so" in text
    assert f'<a class="link" href="{reverse("run", args=[later.pk])}">run #{later.pk}</a>' in text
    (only,) = admin_page.get(reverse("run_rows", args=[run.pk, STREAM, "updated"])).context["lines"]
    assert only.key == changed


def test_a_number_without_a_list_shows_the_rows_that_still_bear_its_mark(admin_page: Client) -> None:
    run = a_run()
    StreamRun.objects.create(run_ref=run, stream=STREAM, mode="snapshot", read=3, inserted=2, updated=1)
    marked = an_account(1, run.pk)
    changed = an_account(2, run.pk)
    an_account(3, run.pk + 1)
    RunRow.objects.create(run_ref=run, stream=STREAM, change="updated", key=changed)
    page = admin_page.get(reverse("run_rows", args=[run.pk, STREAM, "inserted"]))
    assert [line.key for line in page.context["lines"]] == [marked], "a changed row is no new one"
    assert "1 of 2 still bears the mark of this run" in page.content.decode()


def test_a_number_that_is_zero_opens_no_rows_and_says_that_there_were_none(admin_page: Client) -> None:
    run = a_run()
    StreamRun.objects.create(run_ref=run, stream=STREAM, mode="snapshot", read=2, inserted=2)
    an_account(1, run.pk)
    came_gone = an_account(2, run.pk)
    SfAccount.objects.filter(pk=came_gone).update(deleted_at=timezone.now(), gone_reason="deleted")
    for kind in ("deleted", "updated", "duplicate"):
        page = admin_page.get(reverse("run_rows", args=[run.pk, STREAM, kind]))
        assert page.context["lines"] == [], kind
        assert "There were none" in page.text
        assert "mark of this run" not in page.text
    page = admin_page.get(reverse("run_rows", args=[run.pk, STREAM, "inserted"]))
    assert [line.key for line in page.context["lines"]] == [f"{1:018d}", came_gone], "it is new, and gone"


def test_rows_left_out_of_which_no_list_is_kept_are_not_those_that_were_written(admin_page: Client) -> None:
    run = a_run()
    StreamRun.objects.create(run_ref=run, stream=STREAM, mode="snapshot", read=9000, inserted=1, duplicates=8999)
    an_account(1, run.pk)
    page = admin_page.get(reverse("run_rows", args=[run.pk, STREAM, "duplicate"]))
    assert (page.context["lines"], "There is no list of them" in page.text) == ([], True)


def test_what_became_of_the_rows_read_adds_up_and_each_part_is_a_link(admin_page: Client) -> None:
    run = a_run()
    made = StreamRun.objects.create(
        run_ref=run,
        stream=STREAM,
        mode="snapshot",
        read=21,
        inserted=1,
        updated=2,
        unchanged=3,
        rejected=5,
        duplicates=10,
        deleted=4,
        api_calls=7,
        bytes_read=2048,
    )
    page = admin_page.get(reverse("run_stream", args=[run.pk, STREAM]))
    assert sum(part.rows for part in page.context["parts"]) == made.read
    text = text_of(admin_page, "run_stream", run.pk, STREAM)
    for part in page.context["parts"]:
        assert part.label == "Unchanged" or f'href="{part.url}">{part.rows}</a>' in text
    assert "4 rows" in text
    overview = text_of(admin_page, "run", run.pk)
    assert overview.count("2.0 KB") == 2, "of the run, and of its stream"


def earlier(run_at: datetime, read: int, seconds: float = 2.0) -> None:
    StreamRun.objects.create(
        run_ref=a_run(started_at=run_at), stream=STREAM, mode="incremental", read=read, inserted=read, seconds=seconds
    )


def test_a_run_is_compared_with_the_same_weekday_and_what_is_unusual_stands_there_in_words(admin_page: Client) -> None:
    for week in range(1, 6):
        earlier(FRIDAY - timedelta(weeks=week), 100 + week)
        earlier(FRIDAY - timedelta(weeks=week, days=1), 5_000)
    run = a_run(started_at=FRIDAY)
    StreamRun.objects.create(run_ref=run, stream=STREAM, mode="incremental", read=300, inserted=300, seconds=3.0)
    page = admin_page.get(reverse("run_stream", args=[run.pk, STREAM]))
    assert page.context["usual"].basis == "the runs about this time on 5 earlier Fridays"
    read = page.context["usual"].measures[0]
    assert (read.middle, read.low, read.high, read.word) == (103, 101, 105, "unusually many rows read")
    assert page.context["usual"].words == ("unusually many rows read",), "a second more is nothing"
    assert "Unusually many rows read" in text_of(admin_page, "run", run.pk)


def test_a_delivery_that_dries_up_does_not_become_the_usual_within_some_runs(admin_page: Client) -> None:
    for week in range(6, 0, -1):
        for hours in (0, 5):
            earlier(FRIDAY - timedelta(weeks=week, hours=hours), 1_000 if hours else 100 + week)
    for minutes in range(180, 0, -15):
        earlier(FRIDAY - timedelta(minutes=minutes), 3)
    run = a_run(started_at=FRIDAY)
    StreamRun.objects.create(run_ref=run, stream=STREAM, mode="incremental", read=3, inserted=3, seconds=2.0)
    usual = admin_page.get(reverse("run_stream", args=[run.pk, STREAM])).context["usual"]
    assert usual.basis == "the runs about this time on 6 earlier Fridays"
    assert (usual.measures[0].low, usual.measures[0].high) == (101, 106), "not those of five hours before"
    assert usual.words == ("unusually few rows read",)


def test_without_enough_runs_of_that_weekday_all_days_count_and_it_says_so(admin_page: Client) -> None:
    for day in range(1, 5):
        earlier(FRIDAY - timedelta(days=day), 100)
    run = a_run(started_at=FRIDAY)
    StreamRun.objects.create(run_ref=run, stream=STREAM, mode="incremental", read=10, inserted=10, seconds=90)
    page = admin_page.get(reverse("run_stream", args=[run.pk, STREAM]))
    words = "the runs about this time on 4 of the last 8 days, as there are too few on a Friday"
    assert page.context["usual"].basis == words
    assert page.context["usual"].words == ("unusually few rows read", "took unusually long")
    StreamRun.objects.filter(run_ref__lt=run.pk).first().delete()  # type: ignore[union-attr]
    assert "Nothing to compare with yet" in text_of(admin_page, "run_stream", run.pk, STREAM)


def test_a_run_costs_the_same_number_of_queries_for_one_stream_and_for_ten(
    admin_page: Client, django_assert_max_num_queries: Any
) -> None:
    run = a_run()
    for number in range(10):
        StreamRun.objects.create(run_ref=run, stream=f"erp.s{number}", mode="snapshot", read=1, rejected=1)
    with django_assert_max_num_queries(38):
        admin_page.get(reverse("run", args=[run.pk]))


def reject(run: Run, key: str, stream: str = "erp.orders") -> RejectedRow:
    return RejectedRow.objects.create(run_ref=run, stream=stream, key=key, reason="no", record={"A": "<b>"})


def test_open_rows_are_replayed_by_a_button_all_together_or_one_alone(admin_page: Client) -> None:
    run = a_run()
    StreamRun.objects.create(run_ref=run, stream="erp.orders", mode="snapshot", read=3, rejected=3)
    first, second = reject(run, "erp:1"), reject(run, "erp:2")
    text = text_of(admin_page, "run_rejected", run.pk)
    assert "Replay 2 open rows" in text
    assert "2 of the 3 rows that this run rejected are listed here." in text
    address = reverse("run_replay", args=[run.pk])
    answer = admin_page.post(address, {"row": second.pk})
    requested = Run.objects.get(kind=RunKind.REPLAY)
    assert answer["Location"] == reverse("run", args=[requested.pk])
    assert (requested.subject, requested.options, requested.requested_by) == ("erp", {"rows": [second.pk]}, "alice")
    admin_page.post(address)
    requested.refresh_from_db()
    assert requested.options == {"rows": [first.pk, second.pk]}
    RejectedRow.objects.update(resolved_at=timezone.now())
    assert admin_page.post(address)["Location"] == reverse("run_rejected", args=[run.pk])


@pytest.mark.django_db(transaction=True)
def test_a_running_run_tells_once_a_second_how_far_it_is_also_from_within_a_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)
    client = signed_in("alice", "Administrators")
    StreamRun.objects.create(run_ref=a_run(), stream=STREAM, mode="snapshot", read=8)
    run = a_run(status=RunStatus.RUNNING)
    state = reverse("run_state", args=[run.pk])
    assert "Nothing is counted yet" in client.get(state).content.decode()
    with progress.watched(run) as watch:
        progress.reading(STREAM, "snapshot", 2, 5)
        with transaction.atomic():
            watch.chunk(b"a\nb\n")
            told = RunProgress.objects.using("default").get()
            assert (told.rows, told.bytes, told.position, told.streams) == (2, 4, 2, 5)
        text = client.get(state).content.decode()
        assert "Reads accounts" in text
        assert "of 8 last time" in text
        assert 'value="25"' in text
        progress.at_phase(progress.PUBLISHING)
        assert "Everything appears at once" in client.get(state).content.decode()
    assert not RunProgress.objects.exists()
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCEEDED)
    assert client.get(state, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
