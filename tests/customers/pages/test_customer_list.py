"""The customer list: search, filter, sort, pages, counts."""

from customers import formats
from customers.models import CustomerRollup
from customers.pages.list_columns import all_columns
from customers.publishing import recompute_all
from customers.standard_views import STANDARD_VIEWS
from integration_hub.models import ErpCustomer
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, mirrored

URL = "/customers/"


def names(answer) -> list[str]:
    return [row.name for row in answer.context["listing"].rows]


def test_words_find_a_customer_in_any_order_without_regard_to_case_and_accents(cast: Cast) -> None:
    for text in ("kestrel", "MARINE kest", "104233", "kèstrel rotterdam"):
        assert names(cast.analyst.get(URL, {"q": text})) == ["Kestrel Marine Engineering B.V."], text


def test_an_empty_result_says_how_to_go_on(cast: Cast) -> None:
    page = cast.analyst.get(URL, {"q": "zzz"}).content.decode()
    assert "No customer matches" in page
    assert "Show all customers" in page


def test_each_column_sorts_both_ways(cast: Cast) -> None:
    for sort in (column for column in all_columns().values() if column.sortable):
        one_way = names(cast.analyst.get(URL, {"sort": sort.name}))
        other_way = names(cast.analyst.get(URL, {"sort": f"-{sort.name}"}))
        assert set(one_way) == set(other_way), sort
        assert len(one_way) == 4
        if sort.name == "name":
            assert one_way == list(reversed(other_way)) == sorted(one_way)


def test_a_heading_turns_the_direction_and_says_it(cast: Cast) -> None:
    page = cast.analyst.get(URL, {"sort": "overdue"}).content.decode()
    assert 'aria-sort="descending"' in page
    assert 'href="?sort=-overdue_amount"' in page


def test_the_count_of_a_filter_is_the_length_of_its_list(cast: Cast) -> None:
    for view in STANDARD_VIEWS:
        answer = cast.analyst.get(URL, {"view": view.name})
        listing = answer.context["listing"]
        (chip,) = [chip for chip in listing.chips if chip.view is view]
        assert chip.count == len(names(answer)) == listing.count, view.name


def test_a_view_beside_other_filters_counts_what_it_opens(cast: Cast) -> None:
    for given in ({"q": "kestrel"}, {"country": "GB"}, {"q": "zzz"}, {"from.open_amount": "1", "view": "overdue"}):
        chips = {chip.view: chip for chip in cast.analyst.get(URL, given).context["listing"].chips}
        for view in STANDARD_VIEWS:
            opened = cast.analyst.get(URL, given | {"view": view.name}).context["listing"].count
            assert (chips[view].count if view in chips else 0) == opened, (given, view.name)
    assert any(chip.count for chip in cast.analyst.get(URL).context["listing"].chips)


def test_filters_tell_the_customers_apart(world: World, cast: Cast) -> None:
    assert names(cast.analyst.get(URL, {"view": "prospects"})) == [world.prospect.name]
    assert names(cast.analyst.get(URL, {"view": "unlinked"})) == [world.unlinked.name]
    assert world.kestrel.name in names(cast.analyst.get(URL, {"view": "overdue-60"}))


def test_an_owner_can_be_chosen_by_those_who_see_several(world: World, cast: Cast) -> None:
    listing = cast.manager.get(URL).context["listing"]
    chosen = next(choice for choice in listing.choices.owners if choice.label == "Ben Okafor")
    assert names(cast.manager.get(URL, {"owner": chosen.value})) == [world.keston.name]
    assert cast.owner.get(URL).context["listing"].choices.owners == ()


def test_totals_are_over_all_pages(world: World, cast: Cast) -> None:
    for index in range(60):
        mirrored(ErpCustomer, f"erp:7{index}", number=f"7{index}", name=f"Extra {index:02d}")
    recompute_all(AS_OF, current=True)
    first = cast.analyst.get(URL).context["listing"]
    second = cast.analyst.get(URL, {"after": first.after}).context["listing"]
    assert (len(first.rows), len(second.rows)) == (50, 14)
    assert first.totals == second.totals
    revenue = sum(CustomerRollup.objects.filter(as_of=AS_OF).values_list("revenue_ytd", flat=True))
    assert first.totals[2].text == formats.money(revenue, places=0)
    assert first.count == 64


def test_state_travels_in_the_url(cast: Cast) -> None:
    query = {"q": "k", "view": "overdue", "sort": "name"}
    listing = cast.analyst.get(URL, query).context["listing"]
    assert "q=k" in listing.query
    assert "view=overdue" in listing.query
    assert "sort=name" in listing.query
