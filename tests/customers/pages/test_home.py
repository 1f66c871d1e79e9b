"""The front page: figures of the book that add up for every role, whose book it is, and what it says when empty."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import formats
from customers.models import Customer, CustomerRollup, RollupDay, Visit
from customers.pages.home.changes import KINDS
from customers.pages.home.tiles import SUMMED
from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer, SfAccount
from tests.customers.pages.conftest import Cast, World, signed_in
from tests.customers.pages.world import ANA, AS_OF, BEN, HEAD, build_invoice, mirrored

HOME = "/"


def figure_of(client, measure, **query):
    return client.get(reverse("customers:book_figure", args=(measure,)), query).context["figure"]


def seen_by(world: World) -> dict[str, set[int]]:
    kestrel, keston = world.kestrel.pk, world.keston.pk
    everybody = set(Customer.objects.values_list("pk", flat=True))
    owner, outsider = {kestrel, world.prospect.pk}, {keston}
    return {
        "owner": owner,
        "outsider": outsider,
        "manager": owner | outsider,
        "analyst": everybody,
        "administrator": everybody,
    }


def test_every_tile_is_the_sum_of_its_customers_and_of_their_documents_for_every_role(world: World, cast: Cast) -> None:
    for role, keys in seen_by(world).items():
        client, customers = getattr(cast, role), Customer.objects.filter(pk__in=keys)
        answer = client.get(HOME)
        sums = answer.context["sums"]
        assert sums.customers == len(keys)
        for tile in answer.context["tiles"]:
            figure = client.get(tile.url).context["figure"]
            name = figure.measure.name
            assert {row.pk for row in figure.rows} <= keys, (role, name)
            assert figure.total == sums.figures[name] == sum(row.value for row in figure.rows), (role, name)
            assert tile.exact == formats.money(figure.total, "EUR")
            documents = figure.measure.documents(customers, AS_OF).aggregate(total=Sum("counted"))["total"] or 0
            assert figure.total == documents, (role, name)


def test_what_stands_beside_a_tile_adds_up_too_and_each_row_opens_its_documents(cast: Cast) -> None:
    sums = cast.manager.get(HOME).context["sums"].figures
    for name in SUMMED:
        figure = figure_of(cast.manager, name)
        assert figure.total == sums[name] == sum(row.value for row in figure.rows), name
    assert [cast.manager.get(row.url).status_code for row in figure.rows] == [200] * len(figure.rows)


def test_the_tiles_of_the_whole_company_are_not_empty(cast: Cast) -> None:
    """Sums of nothing would prove nothing."""
    figures = cast.analyst.get(HOME).context["sums"].figures
    assert all(figures[name] for name in SUMMED)


def test_a_manager_opens_the_book_of_each_person_below_and_of_nobody_else(world: World, cast: Cast) -> None:
    choices = {one.key: one.label for one in cast.manager.get(HOME).context["book"].choices}
    assert set(choices) == {"", ANA, BEN, HEAD}
    assert choices[HEAD] == "Hanna Berg (me)"
    totals = {
        person: cast.manager.get(HOME, {"person": person}).context["sums"].figures["open_orders_amount"]
        for person in ("", ANA, BEN)
    }
    assert totals[""] == totals[ANA] + totals[BEN] == 2 * Decimal(400)
    assert figure_of(cast.manager, "open_orders_amount", person=BEN).rows[0].name == world.keston.name
    assert "Book of Ben Okafor" in cast.manager.get(HOME, {"person": BEN}).content.decode()
    assert not cast.owner.get(HOME).context["book"].choices


@pytest.mark.parametrize("path", ["/", "/book/figures/overdue_amount/", "/book/changes/orders/", "/book/attention/"])
def test_somebody_elses_book_looks_like_one_that_does_not_exist(cast: Cast, path: str) -> None:
    hidden, missing = (cast.owner.get(path, {"person": person}) for person in (BEN, "005Dn000009zzzzIAA"))
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert cast.owner.get(path, {"person": "me"}).status_code == 200


def test_only_figures_that_can_be_added_have_a_page_of_the_book(cast: Cast) -> None:
    for name in ("dso", "last_order_on", "oldest_overdue_days", "nothing_like_this"):
        assert cast.analyst.get(f"/book/figures/{name}/").status_code == 404, name
    assert cast.analyst.get("/book/changes/nothing-like-this/").status_code == 404


def test_the_book_figure_has_all_customers_on_its_pages(world: World, cast: Cast) -> None:
    for index in range(60):
        mirrored(ErpCustomer, f"erp:7{index}", number=f"7{index}", name=f"Extra {index:02d}")
        build_invoice(f"E-{index}", f"erp:7{index}", days_ago=40, net=100 + index)
    recompute_all(AS_OF, current=True)
    first, second = (figure_of(cast.analyst, "overdue_amount", page=page) for page in (1, 2))
    assert len(first.rows) == 50
    assert first.total == second.total == sum(row.value for row in (*first.rows, *second.rows))


def test_an_untied_manager_an_empty_book_and_a_book_before_the_first_sync_say_what_to_do(
    world: World, cast: Cast
) -> None:
    assert "No active Salesforce user has the e-mail address" in cast.untied.get(HOME).content.decode()
    empty = cast.manager.get(HOME, {"person": HEAD})
    assert "Hanna Berg (me) owns no customer" in empty.content.decode()
    SfAccount.objects.filter(owner=BEN).update(owner=ANA)
    recompute_all(AS_OF, current=True)
    assert "Your book is empty" in cast.outsider.get(HOME).content.decode()
    CustomerRollup.objects.all().delete()
    RollupDay.objects.all().delete()
    assert "No figures yet" in cast.owner.get(HOME).content.decode()
    assert cast.owner.get("/book/attention/").status_code == 404


def test_the_number_of_queries_does_not_depend_on_the_size_of_the_book(world: World, cast: Cast) -> None:
    def queries(path: str) -> int:
        cast.analyst.get(HOME)
        with CaptureQueriesContext(connection) as captured:
            assert cast.analyst.get(path).status_code == 200
        return len(captured)

    paths = ("/?since=30-days", "/book/attention/", *(f"/book/changes/{one.name}/?since=30-days" for one in KINDS))
    few = {path: queries(path) for path in paths}
    for index in range(30):
        mirrored(ErpCustomer, f"erp:7{index}", number=f"7{index}", name=f"Extra {index:02d}", blocked=index % 2 == 0)
        build_invoice(f"E-{index}", f"erp:7{index}", days_ago=40, net=100 + index)
    recompute_all(AS_OF, current=True)
    assert {path: queries(path) for path in paths} == few
    assert few["/?since=30-days"] <= 45


def test_home_is_in_the_navigation_and_where_the_login_leads(cast: Cast) -> None:
    frame = cast.owner.get(HOME).context["frame"]
    assert [(item.label, item.key, item.current) for item in frame.nav[:2]] == [
        ("Home", "h", True),
        ("Customers", "c", False),
    ]
    assert [item.label for item in cast.owner.get("/book/attention/").context["frame"].nav if item.current] == ["Home"]
    assert [item.label for item in cast.owner.get("/customers/").context["frame"].nav if item.current] == ["Customers"]
    assert Visit.objects.count() == 1


def test_a_book_of_one_customer_is_a_whole_page(db: None) -> None:
    client = signed_in("solo", "Analysts")
    mirrored(ErpCustomer, "erp:1", number="1", name="Only One")
    recompute_all(AS_OF, current=True)
    page = client.get(HOME).content.decode()
    assert "1\u00a0customer" in page
    assert "Nobody waits for you" in page


def test_a_quiet_customer_whose_revenue_is_below_zero_is_told_and_stakes_nothing(world: World, cast: Cast) -> None:
    CustomerRollup.objects.filter(customer=world.kestrel).update(
        revenue_12m=-100, quiet_since=AS_OF, order_gap_days=5, aging_1_30=0, late_orders_count=0, credit_used=None
    )
    assert "usually one every" in cast.owner.get(HOME).text
    (told,) = cast.owner.get(reverse("customers:attention"), {"reason": "quiet"}).context["attention"].rows
    assert (told.name, told.at_stake) == (world.kestrel.name, 0)
