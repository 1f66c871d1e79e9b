"""Small truths of the pages: sums leave out what was never ordered, and what could not be read is said."""

from datetime import timedelta

from customers.publishing import recompute_all
from integration_hub.models import ErpInvoice, ErpOrder
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, build_invoice, mirrored


def test_the_orders_tab_sums_no_quote_and_nothing_cancelled(world: World, cast: Cast) -> None:
    for key, status in (("Q", "quote"), ("C", "cancelled")):
        values = {"currency": "EUR", "net_amount": 700, "reporting_amount": 700}
        mirrored(
            ErpOrder, f"erp:{key}", number=key, customer_id="erp:104233", ordered_on=AS_OF, status=status, **values
        )
    recompute_all(AS_OF, current=True)
    url = f"/customers/{world.kestrel.pk}/orders/"
    found = cast.owner.get(url).context["found"]
    assert (found.count, found.unsummed, found.total) == (3, 2, 1000)
    assert "2 quoted or cancelled, not in the sum" in cast.owner.get(url).text
    quotes = cast.owner.get(url, {"show": "quotes"}).context["found"]
    assert (quotes.count, quotes.unsummed, quotes.total) == (1, 0, 700)


def test_the_foot_of_a_list_names_everything_that_its_sum_leaves_out(world: World, cast: Cast) -> None:
    yen = {"customer_id": "erp:104233", "company_id": "erp:10", "currency": "JPY", "net_amount": 900}
    for key, status in (("J1", "open"), ("J2", "done"), ("J3", "quote")):
        mirrored(ErpOrder, f"erp:{key}", number=key, ordered_on=AS_OF, status=status, **yen)
    for key, status in (("J4", "open"), ("J5", "draft")):
        mirrored(ErpInvoice, f"erp:{key}", number=key, issued_on=AS_OF, posted_on=AS_OF, status=status, **yen)
    recompute_all(AS_OF, current=True)
    # Some documents of the company have no rate anyway.
    for name, new in (("orders", {"J1", "J2"}), ("invoices", {"J4"})):
        url = f"/customers/{world.kestrel.pk}/{name}/"
        page = cast.owner.get(url)
        found = page.context["found"]
        rated = [row for row in page.context["found"].slice.rows if row.reporting_amount is not None]
        assert found.total == sum(row.reporting_amount for row in rated if row.status != "quote")
        left_out = [row for row in found.slice.rows if row not in rated and row.status not in {"quote", "draft"}]
        without = {row.number for row in left_out}
        assert new <= without
        assert found.unrated == len(without)
        assert f">{found.unrated} without a rate</a>, not in the sum" in page.text
        opened = cast.owner.get(f"{url}?{found.unrated_query}").context["found"]
        assert {row.number for row in opened.slice.rows} == without
        assert (opened.count, opened.unrated, opened.total) == (len(without), len(without), 0)


def test_what_stands_out_names_the_amount_of_the_late_orders_alone(world: World, cast: Cast) -> None:
    values = {"currency": "EUR", "net_amount": 5000, "promised_on": AS_OF + timedelta(days=30)}
    mirrored(ErpOrder, "erp:L", number="L", customer_id="erp:104233", ordered_on=AS_OF, **values)
    recompute_all(AS_OF, current=True)
    standouts = cast.owner.get(f"/customers/{world.kestrel.pk}/").context["overview"].standouts
    (late,) = [one for one in standouts if "past the promised date" in one.headline]
    assert late.detail.startswith("€400 of it is still to be delivered.")


def test_what_is_long_overdue_is_not_said_to_have_the_age_of_an_item_without_a_rate(world: World, cast: Cast) -> None:
    build_invoice("J6", days_ago=400, net=100, currency="JPY")
    recompute_all(AS_OF, current=True)
    standouts = cast.owner.get(f"/customers/{world.kestrel.pk}/").context["overview"].standouts
    (late,) = [one for one in standouts if "more than 60 days late" in one.headline]
    assert late.detail == "The oldest overdue item is 370\u00a0days late."


def test_a_past_day_tells_no_status_of_today_and_no_number_of_opportunities(world: World, cast: Cast) -> None:
    recompute_all(AS_OF - timedelta(days=5), current=False)
    page = cast.owner.get(f"/customers/{world.kestrel.pk}/", {"as_of": (AS_OF - timedelta(days=5)).isoformat()})
    assert {event.state for event in page.context["overview"].latest if "Won" not in event.headline} == {""}
    assert [tab.count for tab in page.context["head"].tabs if tab.label == "Opportunities"] == [None]


def test_days_and_numbers_that_are_none_are_named(world: World, cast: Cast) -> None:
    listed = cast.owner.get("/customers/", {"from.last_order_on": "2026-02-31", "to.overdue_amount": "much"})
    assert listed.context["listing"].filters.unread == (
        "“2026-02-31” is no date; type one such as 2026-02-28. Until then Last order narrows nothing.",
        "“much” is no number; type one such as 1234.50. Until then Overdue narrows nothing.",
    )
    assert "is no date" in listed.text
    orders = cast.owner.get(f"/customers/{world.kestrel.pk}/orders/", {"month": "2026-13"})
    assert "“2026-13” is no month, so it narrows nothing." in orders.text


def test_a_statement_of_the_first_day_there_is_complains_of_nothing(world: World, cast: Cast) -> None:
    url = f"/customers/{world.kestrel.pk}/statement/"
    assert "Nothing is known" not in cast.owner.get(url, {"to": "1900-01-01"}).text
    assert "Nothing is known of days before" in cast.owner.get(url, {"to": "1899-12-31"}).text


def test_a_figure_without_documents_ends_its_sentence(world: World, cast: Cast) -> None:
    text = cast.owner.get(f"/customers/{world.prospect.pk}/figures/overdue_amount/").text
    assert "That is why the figure is €0.</p>" in text


def test_on_a_first_visit_the_days_told_of_are_lit(world: World, cast: Cast) -> None:
    lit = [label for _, label, chosen, _ in cast.owner.get("/").context["sinces"] if chosen]
    assert lit == ["7 days"]


def test_who_never_ordered_is_not_told_that_all_is_delivered(world: World, cast: Cast) -> None:
    ErpOrder.objects.filter(customer="erp:104233").update(status="cancelled")
    recompute_all(AS_OF, current=True)
    text = cast.owner.get(f"/customers/{world.kestrel.pk}/").text
    assert text.count("nothing was ordered yet") == 2
    assert "This customer has ordered nothing yet." in text
    assert not any(words in text for words in ("everything is delivered", "everything delivered is billed"))
    assert "nothing was ordered yet" in cast.owner.get(f"/customers/{world.kestrel.pk}/pre-call/").text


def test_bounds_that_hold_nobody_and_choices_that_are_none_are_named(world: World, cast: Cast) -> None:
    listed = cast.owner.get(
        "/customers/", {"from.overdue_amount": "5000", "to.overdue_amount": "100", "segment": "Foo", "stage": "Bar"}
    )
    assert listed.context["listing"].filters.unread == (
        "Overdue begins above where it ends, so nobody lies between: change the two bounds.",
        "“Foo” is no segment, so it narrows nothing.",
        "“Bar” is no stage, so it narrows nothing.",
    )
    assert "change the two bounds" in listed.text
