"""RFM pages: the grid and words of the scales, a preview that adds up, a change with its reason, movement and why."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from customers.models import CustomerRollup, RfmCalibration, RollupDay
from customers.rfm_in_force import scales_in_force
from customers.rfm_scales import USUAL, Scales, written
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.conftest import EARLIER

SCALES, CALIBRATE = "/reports/rfm/scales/", "/reports/rfm/calibrate/"
# Kestrel's only order is 60 days old: by these it is neither new nor recent.
STRICT = Scales(recency=(50, 40, 30, 20), new_days=10)


def posted(scales: Scales, **more: str) -> dict[str, str]:
    return written(scales) | {"standing": "0", "reason": "Orders come monthly"} | more


def test_the_scales_are_told_in_words_and_the_grid_counts_what_one_may_see(world: World, cast: Cast) -> None:
    page = cast.analyst.get(SCALES)
    assert "ordered in the last 30\u00a0days" in page.text
    assert "The usual scales; nobody has set others yet" in page.text
    assert page.context["customers"] == CustomerRollup.objects.filter(as_of=AS_OF, customer__gone_at=None).count()
    own = cast.owner.get(SCALES)
    assert (own.context["customers"], "Set other scales" in own.text) == (2, False)
    counts = {segment.name: count for segment, count, *_money in own.context["segments"]}
    assert {name: count for name, count in counts.items() if count} == {"new": 1, "no_orders": 1}


def test_a_preview_says_who_moves_with_how_much_money_and_changes_nothing(world: World, cast: Cast) -> None:
    page = cast.analyst.get(CALIBRATE, written(STRICT))
    preview = page.context["preview"]
    rollups = CustomerRollup.objects.filter(as_of=AS_OF, order_count__gt=0)
    assert preview.moving.customers == preview.page.paginator.count == 3
    assert (
        preview.moving.revenue
        == sum(row.revenue_12m for row in rollups)
        == sum(row.move.revenue for row in preview.rows)
    )
    assert preview.moving.overdue == sum(row.overdue_amount for row in rollups)
    assert {mover.before for mover in preview.movers} == {"New 411", "New 415"}
    assert "would move" in page.text
    assert scales_in_force() == USUAL
    assert not RfmCalibration.objects.exists()
    (narrow, *_rest) = preview.rows
    only = cast.analyst.get(narrow.url.replace("?", f"{CALIBRATE}?").split("#")[0]).context["preview"]
    assert only.page.paginator.count == narrow.move.customers


def test_a_change_needs_a_reason_is_logged_and_holds_everywhere(world: World, cast: Cast) -> None:
    refused = cast.analyst.post(CALIBRATE, posted(STRICT, reason=""))
    assert (refused.status_code, "Say in a few words why" in refused.text) == (400, True)
    assert 'value="50"' in refused.text
    made = cast.analyst.post(CALIBRATE, posted(STRICT), follow=True)
    assert "3 customers moved" in made.text
    assert "Orders come monthly" in made.text
    assert scales_in_force() == STRICT
    kept = RfmCalibration.objects.get()
    assert (kept.made_by, kept.method, kept.as_of) == ("Iris", "absolute", AS_OF)
    assert sum(Decimal(each["revenue"]) for each in kept.movers) > 0
    # Sums over all customers are for those who see all.
    assert "3 customers moved" not in cast.owner.get(SCALES).text
    assert "Orders come monthly" in cast.owner.get(SCALES).text
    card = cast.owner.get(reverse("customers:detail", args=[world.kestrel.pk])).context["overview"].rfm
    assert (card.digits[0], card.since) == ("1", AS_OF)
    home = cast.owner.get("/").text
    assert "Moved to another RFM segment" in home
    # One move of this day, from where the figures of the earlier day had it.
    assert "before: No orders" in home
    stale = cast.administrator.post(CALIBRATE, posted(Scales(new_days=5)))
    assert (stale.status_code, "Somebody changed the scales" in stale.text) == (400, True)
    assert (
        "Nobody would move" in cast.analyst.get(CALIBRATE, written(Scales(recency=(51, 40, 30, 20), new_days=10))).text
    )


def test_equal_shares_are_filled_in_as_numbers_and_said_when_they_tell_nobody_apart(world: World, cast: Cast) -> None:
    page = cast.analyst.get(CALIBRATE, {"share": "1", "ties": "middle"})
    assert "Frequency tells nobody apart" in page.text
    asked = page.context["asked"]
    assert (asked.method, asked.ties, asked.scales.frequency) == ("quantile", "middle", (1, 1, None, None))
    cast.analyst.post(CALIBRATE, posted(asked.scales, shared="middle"))
    assert RfmCalibration.objects.get().method == "quantile"


def test_a_wrong_number_is_named_and_kept_in_the_form(world: World, cast: Cast) -> None:
    page = cast.analyst.get(CALIBRATE, written(USUAL) | {"r5": "soon"})
    assert (page.status_code, "“soon” is no number" in page.text) == (400, True)
    assert 'value="soon"' in page.text


def test_only_those_who_see_all_change_scales(world: World, cast: Cast) -> None:
    for who in (cast.owner, cast.manager, cast.untied):
        assert who.get(CALIBRATE).status_code == 404
        assert who.post(CALIBRATE, posted(STRICT)).status_code == 404
    assert scales_in_force() == USUAL


def test_before_the_first_figures_the_pages_say_what_will_be_here(db: None, cast: Cast) -> None:
    RollupDay.objects.all().delete()
    assert "No figures yet" in cast.analyst.get(CALIBRATE).text
    assert cast.analyst.get(SCALES).status_code == 200


def test_the_report_says_why_each_customer_scores_as_it_does(world: World, cast: Cast) -> None:
    page = cast.owner.get("/reports/rfm/").context["page"]
    row = {figure.column.name: figure.value for figure in page.listing.rows[0].figures}
    assert (row["rfm_segment"], row["rfm_score"], row["order_count"]) == ("New", "415", 1)
    assert row["why"].startswith(
        "First order fewer than 90 days ago; R 4: 60 days (ordered in the last 90 days); F 1: 1 (fewer than"
    )
    assert row["rfm_since"] is not None
    grid = cast.analyst.get("/reports/rfm/?view=grid").context["page"]
    assert sum(line.figures[2].value for line in grid.overview.rows) == grid.listing.count
    assert cast.analyst.get("/reports/rfm/?segment=lost").context["page"].listing.count == 0


def test_movement_tells_from_where_to_where_and_why(world: World, cast: Cast) -> None:
    page = cast.owner.get("/reports/movement/").context["page"]
    (line,) = page.listing.rows
    told = {figure.column.name: figure.value for figure in line.figures}
    assert (line.name, told["moved_from"], told["moved_to"], told["why"]) == (
        "Kestrel Marine Engineering B.V.",
        "No orders",
        "New",
        "First order",
    )
    assert {(row.name, row.figures[0].value, row.figures[1].value) for row in page.overview.rows} == {
        ("No orders", "New", 1),
        ("No orders", "No orders", 1),
    }
    assert any("were rebuilt on" in note for note in page.answer.notes)
    cell = cast.owner.get(f"/reports/movement/{page.overview.rows[0].url}").context["page"]
    assert [row.name for row in cell.listing.rows] == ["Kestrel Marine Engineering B.V."]


def test_days_in_the_wrong_order_are_refused_and_a_past_day_opens_its_own_figures(world: World, cast: Cast) -> None:
    wrong = cast.analyst.get("/reports/movement/", {"from": AS_OF.isoformat()})
    assert (wrong.status_code, "is no time" in wrong.text) == (400, True)
    first = EARLIER - timedelta(days=30)
    RollupDay.objects.create(as_of=first, completed_at="2026-11-23T06:00:00Z")
    past = cast.analyst.get("/reports/movement/", {"from": first.isoformat(), "to": EARLIER.isoformat(), "show": "all"})
    urls = [figure.url for line in past.context["page"].listing.rows for figure in line.figures if figure.url]
    assert urls
    assert all(url.endswith(f"?as_of={EARLIER.isoformat()}") for url in urls)
    assert all(cast.analyst.get(url).status_code == 200 for url in urls[:3])


def test_one_day_alone_is_said_so(world: World, cast: Cast) -> None:
    RollupDay.objects.filter(as_of=EARLIER).delete()
    assert "Only one day has figures so far" in cast.analyst.get("/reports/movement/").text


@pytest.mark.parametrize("url", [SCALES, CALIBRATE, "/reports/rfm/", "/reports/movement/"])
def test_the_pages_take_few_queries(world: World, cast: Cast, url: str, django_assert_max_num_queries) -> None:
    cast.analyst.get(url)
    with django_assert_max_num_queries(32):
        assert cast.analyst.get(url).status_code == 200


def test_each_figure_of_a_segment_opens_its_customers_or_documents(world: World, cast: Cast) -> None:
    page = cast.analyst.get("/reports/rfm/").context["page"]
    for row in page.overview.rows:
        assert all(figure.url for figure in row.figures if figure.value), row.name
        counted = next(figure for figure in row.figures if figure.column.name == "customers")
        if not counted.value:
            continue
        assert cast.analyst.get(f"/reports/rfm/{counted.url}").context["page"].listing.count == counted.value
    assert page.overview.foot[0].value
    assert all(figure.url for figure in page.overview.foot if figure.value)


def test_why_is_written_as_people_write_it(world: World, cast: Cast) -> None:
    """One day, and money with its sign as on every page."""
    CustomerRollup.objects.filter(customer=world.kestrel, as_of=AS_OF).update(
        last_order_on=AS_OF - timedelta(days=1), revenue_12m=Decimal(1234), revenue_prior_12m=0
    )
    listing = cast.analyst.get("/reports/rfm/").context["page"].listing
    told = {row.name: figure.value for row in listing.rows for figure in row.figures if figure.column.name == "why"}[
        world.kestrel.name
    ]
    assert "R 5: 1 day (" in told
    assert "€1,234 (" in told
    CustomerRollup.objects.filter(customer=world.kestrel, as_of=AS_OF).update(revenue_12m=Decimal(-50))
    assert "\u2212€50 (" in cast.analyst.get("/reports/rfm/").text
    assert "Late from 1\u00a0day after" in cast.analyst.get("/reports/payment-behaviour/").text
