"""The audit as pages: filtered, paged, exported, verified; and one's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integration_hub.audit import record
from integration_hub.models import AuditRow
from integration_hub.pages.audit_rows import PAGE_ROWS
from integration_hub.schedule import local_day

pytestmark = pytest.mark.django_db


def shown(client: Client, **query: Any) -> list[int]:
    page = client.get(reverse("audit"), query).context["page"]
    return [line.row.sequence for line in page.lines]


def test_rows_are_filtered_by_who_what_object_and_days(admin_page: Client) -> None:
    wanted = record("plan.approved", "plan", 17, before={"values": 3}, after={"values": 4}, who="anna")
    other = record("segment.saved", "segment", 17, after={"name": "<b>Bold</b>"}, who="ben")
    assert shown(admin_page, who="anna") == [wanted.sequence]
    assert shown(admin_page, what="segment.saved") == [other.sequence]
    assert shown(admin_page, object="17") == [other.sequence, wanted.sequence]
    assert shown(admin_page, object="17", who="anna") == [wanted.sequence]
    today = local_day(timezone.now())
    assert wanted.sequence in shown(admin_page, since=str(today - timedelta(days=1)), until=str(today))
    assert shown(admin_page, until=str(today - timedelta(days=3))) == []
    text = admin_page.get(reverse("audit")).content.decode()
    assert "&lt;b&gt;Bold" in text
    assert "<b>Bold" not in text
    assert "Nothing like this was done" in admin_page.get(reverse("audit"), {"who": "zoe"}).content.decode()


def test_pages_follow_each_other_both_ways_with_as_many_queries_as_one(admin_page: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown(admin_page)
    for number in range(2 * PAGE_ROWS + 10):
        record("plan.approved", "plan", number, after={"values": number}, who="anna")
    with CaptureQueriesContext(connection) as many:
        first = shown(admin_page)
    assert len(many) == len(few)
    every = list(AuditRow.objects.order_by("-sequence").values_list("sequence", flat=True))
    seen, place = list(first), admin_page.get(reverse("audit")).context["page"].older
    while place is not None:
        page = admin_page.get(reverse("audit"), {"before": place}).context["page"]
        seen += [line.row.sequence for line in page.lines]
        place, back = page.older, page.newer
    assert seen == every
    assert len(first) == PAGE_ROWS
    newer = admin_page.get(reverse("audit"), {"after": back}).context["page"]
    assert [line.row.sequence for line in newer.lines] == every[PAGE_ROWS : 2 * PAGE_ROWS]


def test_the_filter_is_exported_without_running_anything(admin_page: Client) -> None:
    record("segment.saved", "segment", "=1+1", who="anna")
    record("segment.saved", "segment", 2, who="ben")
    answer: Any = admin_page.get(reverse("audit_csv"), {"who": "anna"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].startswith("sequence,at (UTC),who")
    assert len(lines) == 2
    assert ",'=1+1," in lines[1]
    assert AuditRow.objects.order_by("-sequence").values_list("what", "after")[0] == (
        "audit.exported",
        {"filter": "who=anna"},
    )


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"what": "bogus.verb"}, "“bogus.verb” is no act"),
        ({"since": "garbage"}, "“garbage” is no day. Until it is one such as 2026-02-28, “From” filters nothing."),
        ({"until": "2026-02-30"}, "“2026-02-30” is no day. Until it is one such as 2026-02-28, “To” filters nothing."),
        ({"before": "x"}, "“x” is no row number"),
    ],
)
def test_a_filter_that_cannot_be_read_is_told_on_the_page_and_makes_no_file(
    admin_page: Client, query: dict[str, str], told: str
) -> None:
    wanted = record("plan.approved", "plan", 17, who="anna")
    assert wanted.sequence in shown(admin_page, **query), "what could not be read filters nothing"
    assert told in admin_page.get(reverse("audit"), query).text
    refused = admin_page.get(reverse("audit_csv"), query)
    assert (refused.status_code, told in refused.text) == (400, True)
    assert not AuditRow.objects.filter(what="audit.exported").exists(), "nothing was exported"


def test_the_button_verifies_and_names_what_is_broken(admin_page: Client) -> None:
    row = record("plan.approved", "plan", 1)
    done = admin_page.post(reverse("audit_verify"), follow=True).content.decode()
    assert "rows fit together" in done
    with connection.cursor() as cursor:
        cursor.execute("update hub_audit set who = 'ben' where sequence = %s", [row.sequence])
    told = admin_page.post(reverse("audit_verify"), follow=True).content.decode()
    assert f"Row {row.sequence}: its content was changed" in told


def test_everybody_sees_their_own_activity_and_nobody_elses(admin_page: Client, analyst_page: Client) -> None:
    assert analyst_page.get(reverse("audit")).status_code == 404
    assert analyst_page.get(reverse("audit_csv")).status_code == 404
    assert analyst_page.post(reverse("audit_verify")).status_code == 404
    rows = analyst_page.get(reverse("audit_mine")).context["page"].lines
    assert {line.row.who for line in rows} == {"bob"}
    assert {"Signed in", "Page refused"} <= {line.words for line in rows}
