"""Saved views, chosen columns and the filters of the list: kept per user, counted for the reader within his rows."""

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import ListColumns, OwnerTotal, SavedView
from customers.pages.list_columns import all_columns
from customers.standard_views import STANDARD_VIEWS
from tests.customers.pages.conftest import Cast, World

URL = "/customers/"


def names(answer) -> list[str]:
    return [row.name for row in answer.context["listing"].rows]


def save(client: Client, name: str, query: str = "", **further: str):
    return client.post("/customers/views/", {"name": name, "query": query, **further})


def sidebar(client: Client) -> dict[str, int]:
    return {view.label: view.count for view in client.get("/reports/").context["frame"].views}


def test_a_saved_view_keeps_the_list_and_is_counted_for_its_reader(world: World, cast: Cast) -> None:
    answer = save(cast.manager, "Dutch", "country=NL&sort=name&page=3&evil=%3Cb%3E&owner=", shared="on")
    view = SavedView.objects.get()
    assert (view.query, answer["Location"]) == (
        "country=NL&sort=name",
        f"/customers/?country=NL&sort=name&saved={view.pk}",
    )
    assert cast.manager.get(answer["Location"]).context["own_view"].label == "Dutch"
    for client in (cast.manager, cast.owner, cast.outsider, cast.analyst):
        shown = names(client.get(answer["Location"]))
        assert sidebar(client)["Dutch"] == len(shown)
    assert sidebar(cast.owner)["Dutch"] == 1
    assert sidebar(cast.outsider)["Dutch"] == 0


def test_a_private_view_is_nobody_elses_and_only_its_owner_changes_a_shared_one(world: World, cast: Cast) -> None:
    save(cast.owner, "Mine", "view=overdue")
    save(cast.owner, "Ours", "", shared="on")
    mine, ours = SavedView.objects.order_by("position")
    assert "Mine" in sidebar(cast.owner)
    assert "Mine" not in sidebar(cast.administrator)
    for view in (mine, ours):
        change = reverse("customers:change_view", args=(view.pk,))
        for client in (cast.outsider, cast.administrator):
            assert client.post(change, {"name": "Stolen"}).status_code == 404
            assert client.post(change, {"delete": "1"}).status_code == 404
        assert cast.owner.get(change).status_code == 405
        assert cast.anonymous.post(change).status_code == 302
    cast.owner.post(
        reverse("customers:change_view", args=(mine.pk,)), {"name": "Renamed", "query": "q=k", "replace": "1"}
    )
    mine.refresh_from_db()
    assert (mine.name, mine.query, mine.shared) == ("Renamed", "q=k", False)
    cast.owner.post(reverse("customers:change_view", args=(mine.pk,)), {"delete": "1"})
    assert list(SavedView.objects.all()) == [ours]


def test_names_are_needed_and_taken_once(world: World, cast: Cast) -> None:
    save(cast.owner, "One")
    for name in ("One", " one ".strip().title(), "", "   "):
        answer = save(cast.owner, name, "view=overdue")
        page = cast.owner.get(answer["Location"]).content.decode()
        assert "Choose another name" in page or "needs a name" in page
    save(cast.owner, "<i>" + "x" * 300)
    assert SavedView.objects.count() == 2
    assert b"<i>x" not in cast.owner.get(URL).content


def test_a_post_without_the_forms_token_is_refused(world: World, cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = cast.owner.cookies
    for url in ("/customers/views/", "/customers/columns/"):
        assert strict.post(url, {"name": "X"}).status_code == 403
    assert not SavedView.objects.exists()


def test_chosen_columns_are_kept_and_travel_in_the_url(world: World, cast: Cast) -> None:
    answer = cast.owner.post("/customers/columns/", {"column": ["dso", "city", "nonsense"], "query": "view=overdue"})
    assert answer["Location"] == "/customers/?view=overdue&columns=dso%2Ccity"
    for client, url in ((cast.owner, URL), (cast.analyst, answer["Location"])):
        headings = client.get(url).context["listing"].headings
        assert [heading.column.name for heading in headings] == ["name", "dso", "city"]
    cast.owner.post("/customers/columns/", {"usual": "1"})
    assert not ListColumns.objects.exists()


def test_every_column_can_be_shown_bounded_and_totalled(world: World, cast: Cast) -> None:
    everything = list(all_columns())[1:]
    for start in range(0, len(everything), 16):
        listing = cast.analyst.get(URL, {"columns": ",".join(everything[start : start + 16])}).context["listing"]
        assert [heading.column.name for heading in listing.headings] == ["name", *everything[start : start + 16]]
        assert all(len(row.cells) == len(listing.totals) for row in listing.rows)
    bounded = names(cast.analyst.get(URL, {"from.overdue_amount": "1", "country": "NL", "sort": "name"}))
    assert bounded == [world.kestrel.name, world.unlinked.name]


def test_stored_counts_and_sums_are_those_that_adding_up_gives(world: World, cast: Cast) -> None:
    for client in (cast.owner, cast.manager, cast.outsider, cast.analyst):
        stored = client.get(URL).context
        chips = {chip.view.name: chip.count for chip in stored["listing"].chips}
        for view in STANDARD_VIEWS:
            assert chips.get(view.name, 0) == client.get(URL, {"view": view.name}).context["listing"].count
        # A bound that keeps everybody makes the page add instead of read.
        added = client.get(URL, {"from.revenue_ytd": "-99999999"}).context["listing"]
        assert (added.count, added.totals) == (stored["listing"].count, stored["listing"].totals)
    before = cast.analyst.get(URL).context["listing"].totals
    OwnerTotal.objects.all().delete()
    assert cast.analyst.get(URL).context["listing"].totals == before


@pytest.mark.parametrize(
    "query",
    [
        "from.revenue_ytd=abc&to.revenue_ytd=1e999",
        "from.revenue_ytd=NaN&from.last_order_on=2026-13-45&to.order_count=9e9",
        "owner=%3Cscript%3E&country=%F0%9F%9A%9A&industry=" + "x" * 900,
        "view=nothing&segment=%27&field=Nope%3D1&sort=--&columns=,,,name,name&after=%25x&before=zzz&page=999999",
        "after=W251bGwsMV0&sort=dso",
        "saved=x&saved=&q=",
    ],
)
def test_absurd_filters_show_a_calm_page(world: World, cast: Cast, query: str) -> None:
    answer = cast.analyst.get(f"{URL}?{query}", follow=True)
    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_empty_fields_of_a_form_leave_the_url(world: World, cast: Cast) -> None:
    assert cast.analyst.get(URL, {"q": "kest", "owner": "", "to.dso": ""})["Location"] == "/customers/?q=kest"


def test_the_list_takes_a_constant_number_of_queries(world: World, cast: Cast, django_assert_max_num_queries) -> None:
    for index in range(10):
        save(cast.analyst, f"View {index}", "view=overdue")
    cast.analyst.get(URL)
    with django_assert_max_num_queries(30):
        cast.analyst.get(URL, {"country": "NL", "from.overdue_amount": "1", "q": "kest"})
