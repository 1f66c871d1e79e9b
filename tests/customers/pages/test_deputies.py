"""The page of deputies, the banner, and the log of who opened a customer."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers import books, formats
from customers.models import CustomerView, Deputy
from customers.view_log import forget_old
from tests.customers.pages.conftest import Cast, World

PAGE = "/deputies/"
TODAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "company_date", lambda: TODAY)


def lend(client: Client, **changed: str) -> Any:
    """Send the form of the page."""
    days = {"begins_on": "2026-11-27", "ends_on": "2026-12-04"}
    return client.post(PAGE, {"deputy": "ben", **days, **changed})


class TestLending:
    def test_the_owner_lends_the_book_and_takes_it_back(self, world: World, cast: Cast) -> None:
        kestrel = reverse("customers:detail", args=(world.kestrel.pk,))
        assert cast.outsider.get(kestrel).status_code == 404
        assert lend(cast.owner).status_code == 302
        page = cast.outsider.get(kestrel)
        assert page.status_code == 200
        assert "You stand in for Ana Duarte" in page.text
        assert formats.day(date(2026, 12, 4)) in page.text
        assert "You stand in" not in cast.owner.get(kestrel).text
        row = Deputy.objects.get()
        assert (row.created_by, row.deputy) == (User.objects.get(username="ana"), User.objects.get(username="ben"))
        listed = cast.owner.get(PAGE).text
        assert "Ben" in listed
        assert ">End<" in listed
        # The deputy reads of it and cannot end it.
        assert ">End<" not in cast.outsider.get(PAGE).text
        end = reverse("customers:end_deputy", args=(row.pk,))
        for client in (cast.outsider, cast.manager, cast.analyst, cast.untied):
            assert client.post(end).status_code == 404
        assert cast.owner.post(end).status_code == 302
        assert cast.outsider.get(kestrel).status_code == 404
        assert "Ended early" in cast.owner.get(PAGE).text

    def test_an_administrator_lends_any_book_and_ends_any_time(self, world: World, cast: Cast) -> None:
        cast.outsider.get("/")
        assert "Ana Duarte" in cast.administrator.get(PAGE).text
        assert lend(cast.administrator, absent="005Dn000001aaaaIAA").status_code == 302
        end = reverse("customers:end_deputy", args=(Deputy.objects.get().pk,))
        assert cast.administrator.post(end).status_code == 302
        assert Deputy.objects.get().ended_by == User.objects.get(username="otto")

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"deputy": "nobody"}, "Choose a colleague"),
            ({"deputy": "ana"}, "Choose a colleague"),
            ({"ends_on": "2026-11-26"}, "before the first"),
            ({"begins_on": "2026-11-01", "ends_on": "2026-11-26"}, "have passed"),
            ({"begins_on": "soon"}, "Enter the first day"),
            ({"ends_on": "2028-01-01"}, "a year at most"),
        ],
    )
    def test_what_cannot_be_is_refused_with_words(
        self, world: World, cast: Cast, changed: dict[str, str], words: str
    ) -> None:
        cast.outsider.get("/")
        answer = lend(cast.owner, **changed)
        assert answer.status_code == 400
        assert words in answer.text
        assert not Deputy.objects.exists()

    def test_the_same_colleague_is_not_appointed_twice_for_a_day(self, world: World, cast: Cast) -> None:
        cast.outsider.get("/")
        lend(cast.owner)
        assert "already" in lend(cast.owner, begins_on="2026-12-04", ends_on="2026-12-08").text
        assert lend(cast.owner, begins_on="2026-12-05", ends_on="2026-12-08").status_code == 302

    def test_nobody_lends_what_is_not_theirs(self, world: World, cast: Cast) -> None:
        cast.outsider.get("/")
        # Somebody else's book in the form: the manager's, sent by Ana, stays the manager's.
        assert lend(cast.owner, absent="005Dn000001hhhhIAA").status_code == 400
        for client in (cast.analyst, cast.untied):
            assert lend(client).status_code == 404
        assert not Deputy.objects.exists()


class TestTheLog:
    def test_pages_documents_and_exports_are_written_once_per_hour(self, world: World, cast: Cast) -> None:
        for _ in range(2):
            cast.owner.get(reverse("customers:detail", args=(world.kestrel.pk,)))
            cast.owner.get("/orders/erp:SO-1/")
            b"".join(cast.analyst.get(reverse("reports:export", args=("orders", "csv"))))
        cast.outsider.get(reverse("customers:detail", args=(world.kestrel.pk,)))
        rows = CustomerView.objects.filter(customer=world.kestrel).values_list("user__username", "page", "deputy_for")
        assert sorted(rows) == [("ana", "detail", ""), ("ana", "order", ""), ("iris", "export", "")]
        assert CustomerView.objects.filter(page="export").count() == 4

    def test_a_deputys_views_name_the_absent_person(self, world: World, cast: Cast) -> None:
        cast.outsider.get("/")
        lend(cast.owner)
        for customer in (world.kestrel, world.keston):
            cast.outsider.get(reverse("customers:detail", args=(customer.pk,)))
        seen = dict(CustomerView.objects.values_list("customer__name", "deputy_for"))
        assert seen == {"Kestrel Marine Engineering B.V.": "005Dn000001aaaaIAA", "Keston Agri Ltd": ""}
        page = cast.manager.get(reverse("customers:views", args=(world.kestrel.pk,))).text
        assert "as deputy of Ana Duarte" in page
        assert cast.outsider.get(reverse("customers:views", args=(world.kestrel.pk,))).status_code == 404

    def test_it_is_paged_and_costs_the_same_number_of_queries(
        self, world: World, cast: Cast, django_assert_max_num_queries: Any
    ) -> None:
        url = reverse("customers:views", args=(world.kestrel.pk,))
        assert "Nobody has opened it yet" in cast.owner.get(url).text
        user, now = User.objects.get(username="ana"), timezone.now()
        CustomerView.objects.bulk_create(
            CustomerView(customer=world.kestrel, user=user, page="detail", hour=now - timedelta(hours=hours))
            for hours in range(150)
        )
        with django_assert_max_num_queries(25):
            assert cast.owner.get(url).text.count('<th scope="row"') == 100
        assert cast.owner.get(f"{url}?page=2").text.count('<th scope="row"') == 50

    def test_what_is_older_than_the_setting_is_forgotten(self, world: World, cast: Cast) -> None:
        cast.owner.get("/")
        user = User.objects.get(username="ana")
        for days in (399, 401):
            CustomerView.objects.create(
                customer=world.kestrel, user=user, page="detail", hour=timezone.now() - timedelta(days=days)
            )
        assert forget_old(timezone.now()) == 1
        assert CustomerView.objects.get().hour > timezone.now() - timedelta(days=400)

    def test_a_database_that_takes_no_writes_still_shows_pages(
        self, world: World, cast: Cast, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = reverse("customers:detail", args=(world.kestrel.pk,))
        cast.owner.get(url)
        CustomerView.objects.all().delete()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set transaction_read_only = on")
            with caplog.at_level(logging.WARNING, "customers.view_log"):
                assert cast.owner.get(url).status_code == 200
            transaction.set_rollback(True)
        assert "was not written down" in caplog.text

    def test_the_page_of_a_customer_links_to_it_for_those_who_may_read_it(self, world: World, cast: Cast) -> None:
        url = reverse("customers:detail", args=(world.kestrel.pk,))
        link = reverse("customers:views", args=(world.kestrel.pk,))
        shown = {name: link in getattr(cast, name).get(url).text for name in ("owner", "manager", "analyst")}
        assert shown == {"owner": True, "manager": True, "analyst": False}


def test_the_hour_is_the_whole_one(world: World, cast: Cast) -> None:
    cast.owner.get(reverse("customers:detail", args=(world.kestrel.pk,)))
    hour: datetime = CustomerView.objects.get().hour
    assert (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)


def test_the_count_of_a_saved_view_follows_what_a_deputy_may_see(world: World, cast: Cast) -> None:
    def counted() -> tuple[int, int]:
        page = cast.outsider.get("/customers/")
        (view,) = page.context["frame"].views[-1:]
        return view.count, page.context["listing"].count

    cast.outsider.post("/customers/views/", {"name": "All", "query": ""})
    alone = counted()
    lend(cast.owner)
    both = counted()
    assert both[0] == both[1] > alone[0] == alone[1]
    cast.owner.post(reverse("customers:end_deputy", args=(Deputy.objects.get().pk,)))
    assert counted() == alone
