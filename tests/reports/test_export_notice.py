"""Ended exports are told in one box, however many they are, with their names; it can be closed without JavaScript."""

from typing import Any

import pytest
from django.urls import reverse

from reports.models import ExportJob
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF


@pytest.fixture
def ended(world: World, cast: Cast) -> None:
    """Seven files of the analyst are ready, three exports failed, one waits."""
    cast.analyst.post(reverse("reports:export", args=["receivables", "csv"]))
    user: Any = cast.analyst.get("/").wsgi_request.user
    states = [*["done"] * 7, *["failed"] * 3]
    ExportJob.objects.bulk_create(
        ExportJob(user_id=user.pk, report="orders", as_of=AS_OF, format="csv", state=state, told=False, rows_done=4)
        for state in states
    )


def text_of(client: Any, path: str) -> str:
    return str(client.get(path).text.replace("\u00a0", " "))


def test_one_box_names_the_newest_and_says_how_many_there_are(ended: None, cast: Cast) -> None:
    page = text_of(cast.analyst, "/reports/")
    assert page.count('<div class="msg" role="status">') == 1
    assert "7 exports ready, 3 exports failed" in page
    assert page.count("Orders by customer, no. ") == 3
    assert "7 more in Exports" in page
    assert "exports ready" not in text_of(cast.administrator, "/reports/")


def test_the_box_is_closed_by_its_button_and_stays_closed(ended: None, cast: Cast) -> None:
    url = reverse("reports:exports_told")
    assert f'action="{url}"' in text_of(cast.analyst, "/reports/abc/?a=70")
    closed = cast.analyst.post(url, {"next": "/reports/abc/?a=70"})
    assert (closed.status_code, closed["Location"]) == (302, "/reports/abc/?a=70")
    assert "exports ready" not in text_of(cast.analyst, "/")
    assert ExportJob.objects.filter(told=False).count() == 1, "the one that waits is told later"
    assert cast.analyst.post(url, {"next": "https://elsewhere.example/"})["Location"] == reverse("reports:exports")


def test_whoever_opens_the_list_has_seen_them_all_also_those_of_its_other_pages(ended: None, cast: Cast) -> None:
    user: Any = cast.analyst.get("/").wsgi_request.user
    ExportJob.objects.bulk_create(
        ExportJob(user_id=user.pk, report="orders", as_of=AS_OF, format="csv", state="streamed") for _ in range(60)
    )
    assert "exports ready" not in text_of(cast.analyst, reverse("reports:exports")).split("<h1>")[1]
    assert "exports ready" not in text_of(cast.analyst, "/")
