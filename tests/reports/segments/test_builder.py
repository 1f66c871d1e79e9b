"""The builder with and without scripts: state in the address, buttons, bad input, saving."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import QueryDict
from django.test import Client

from customers.models import CustomerRollup, Segment
from customers.rules.shape import Group, Rule, as_data, read_group
from reports.segments.state import as_query, read_state
from tests.customers.pages.conftest import Cast, World

OVERDUE = {"g": "all", "0.f": "overdue_amount", "0.is": "more_than", "0.v": "100"}
NEW = "/segments/new/"


def test_an_address_holds_the_rules_and_the_page_counts_them_with_their_money(world: World, cast: Cast) -> None:
    page = cast.analyst.get(NEW, OVERDUE)
    late = CustomerRollup.objects.filter(overdue_amount__gt=100)
    found = page.context["builder"].found
    assert found.customers == late.count() > 0
    assert {amount.label: amount.value for amount in found.amounts} == {
        "Revenue, 12 months": sum(rollup.revenue_12m for rollup in late),
        "Overdue": sum(rollup.overdue_amount for rollup in late),
    }
    assert f"{late.count()}\u00a0customer" in page.text
    # Everybody counts only own customers.
    assert cast.outsider.get(NEW, OVERDUE).context["builder"].found.customers == 1
    assert cast.untied.get(NEW, OVERDUE).context["builder"].found.customers == 0


def test_every_button_leads_to_an_address_with_the_changed_rules(world: World, cast: Cast) -> None:
    state: dict[str, object] = dict(OVERDUE)
    for action, expected in (
        ("rule:", 2),
        ("group:", 3),
        ("rule:2", 4),
        ("drop:1", 3),
        ("drop:9", 3),
        ("nonsense", 3),
        ("drop:1.0", 2),
    ):
        answer = cast.analyst.post(NEW, state | {"do": action})
        assert answer.status_code == 302, action
        state = dict(parse_qs(urlsplit(answer["Location"]).query, keep_blank_values=True))
        page = cast.analyst.get(answer["Location"])
        assert page.context["builder"].count == expected, action
    assert state["0.f"] == ["overdue_amount"]


def test_another_field_gets_an_operator_that_fits_it(world: World, cast: Cast) -> None:
    answer = cast.analyst.post(NEW, OVERDUE | {"0.f": "country", "do": "update"})
    query = parse_qs(urlsplit(answer["Location"]).query, keep_blank_values=True)
    assert (query["0.is"], query["0.v"]) == (["is"], [""])
    answer = cast.analyst.post(
        NEW, OVERDUE | {"0.f": "revenue_ytd", "0.is": "down_percent", "0.v": "20", "do": "update"}
    )
    query = parse_qs(urlsplit(answer["Location"]).query, keep_blank_values=True)
    assert query["0.v"] == ["20", "1", "prior"]


def test_scripts_get_the_form_or_what_it_finds_and_the_address_for_it(world: World, cast: Cast) -> None:
    form = cast.analyst.post(NEW, OVERDUE | {"do": "rule:"}, headers={"X-Part": "form"})
    assert form.text.count('id="builder"') == form.text.count('id="found"') == 1
    assert "<html" not in form.text
    assert "1.f=" in form["X-State"]
    found = cast.analyst.post(NEW, OVERDUE | {"do": "update"}, headers={"X-Part": "found"})
    assert 'id="found"' in found.text
    assert 'id="builder"' not in found.text


def test_bad_input_is_a_sentence_about_the_rule_and_nothing_entered_is_lost(world: World, cast: Cast) -> None:
    bad: tuple[tuple[dict[str, Any], str], ...] = (
        ({"0.f": "revenue_of_mars", "0.is": "at_least", "0.v": "5"}, "no longer there"),
        ({"0.f": "overdue_amount", "0.is": "at_least", "0.v": "2,5"}, "“2,5” is no number here; type 2.5"),
        ({"0.f": "overdue_amount", "0.is": "at_least", "0.v": "150.000"}, "can mean 150000 or 150"),
        ({"0.f": "overdue_count", "0.is": "at_least", "0.v": "2.5"}, "“2.5” is no whole number"),
        ({"0.f": "overdue_amount", "0.is": "between", "0.v": ["9", "3"]}, "turn them around"),
        ({"0.f": "last_order_on", "0.is": "before", "0.v": "2026-02-31"}, "is no day"),
        ({"0.f": "last_order_on", "0.is": "longer_ago", "0.v": ["99999", "months"]}, "not between 1 and 20,000"),
        ({"0.f": "last_order_on", "0.is": "longer_ago", "0.v": ["20000", "months"]}, "Nobody"),
        ({"0.f": "segment", "0.is": "is", "0.v": "Enormous"}, "is none of its values"),
        ({"0.f": "country", "0.is": "one_of", "0.v": ""}, "no value is given"),
        ({"0.g": "any"}, "is empty"),
        ({}, "every customer"),
    )
    for state, sentence in bad:
        page = cast.analyst.get(NEW, {"g": "all"} | state)
        assert page.status_code == 200
        if sentence == "Nobody":
            assert page.context["builder"].found.customers is None or page.context["builder"].found.customers == 0
            continue
        assert page.context["builder"].found.customers is None, state
        assert sentence in page.text, (state, page.context["builder"].found.problems)
    many = {"g": "all"} | {f"{number}.f": "overdue_amount" for number in range(3000)}
    page = cast.analyst.get(f"{NEW}?{'&'.join(f'{name}={value}' for name, value in many.items())}")
    assert page.status_code == 400
    assert "3,000 rules; a segment has at most 200" in page.text
    deep = {"g": "all", "0.0.0.0.0.0.f": "overdue_amount"}
    assert page.context["builder"].count == 200
    page = cast.analyst.get(NEW, deep)
    assert ("at most 5 deep" in page.text, page.context["builder"].count) == (True, 1)
    huge = cast.analyst.post(NEW, {f"{number}.f": "overdue_amount" for number in range(5001)})
    assert (huge.status_code, "at most 200 rules" in huge.text) == (400, True)
    figure = cast.analyst.get("/reports/abc/figures/revenue_12m/?a=x")
    assert (figure.status_code, "“x” is no number" in figure.text) == (400, True)
    nul = cast.analyst.get("/reports/abc/?a=%00")
    assert (nul.status_code, "(NUL)" in nul.text) == (400, True)
    assert "The group at the start is empty" in cast.analyst.get(NEW, {"g": "all", "0.g": "all"}).text


def test_contradicting_rules_find_nobody_and_are_named(world: World, cast: Cast) -> None:
    state = OVERDUE | {"1.f": "overdue_amount", "1.is": "less_than", "1.v": "50", "2.f": "country", "2.is": "filled"}
    found = cast.analyst.get(NEW, state).context["builder"].found
    assert found.customers == 0
    assert "Rules 1 and 2 contradict each other" in found.clashes[0]


def test_a_comparison_with_a_day_that_was_not_kept_matches_nobody_and_says_so(world: World, cast: Cast) -> None:
    state = {"g": "all", "0.f": "overdue_amount", "0.is": "up_percent", "0.v": ["20", "1", "years"]}
    page = cast.analyst.get(NEW, state)
    assert page.context["builder"].found.customers == 0
    assert "no figures were kept of 23\u00a0Nov\u00a02025" in page.text


def test_the_state_survives_the_way_through_an_address() -> None:
    group = Group(
        "any",
        (
            Rule("revenue_ytd", "down_percent", ("20", "1", "prior")),
            Group(
                "all", (Rule("country", "one_of", ("NL", "A & B = C")), Group("any", (Rule("gone", "odd", ("x", "")),)))
            ),
        ),
    )
    assert read_state(QueryDict(as_query(group))) == group == read_group(as_data(group))


def test_two_hundred_rules_are_sent_and_kept_although_no_address_holds_them(world: World, cast: Cast) -> None:
    state: dict[str, object] = {"g": "any", "name": "Many", "do": "update"}
    for number in range(200):
        state |= {f"{number}.f": "overdue_amount", f"{number}.is": "between", f"{number}.v": [str(number), "900000"]}
    page = cast.analyst.post(NEW, state)
    assert page.status_code == 200
    assert "do not fit into an address" in page.text
    assert len(page.content) < 1_000_000
    answer = cast.analyst.post(NEW, state | {"do": "save"})
    assert answer.status_code == 302
    assert len(read_group(Segment.objects.get().rules).members) == 200
    assert cast.analyst.get(answer["Location"]).status_code == 200


def saved(client: Client, name: str = "Late payers", **more: object) -> Segment:
    """A segment saved through the form."""
    answer = client.post(NEW, OVERDUE | {"name": name, "do": "save"} | more)
    assert answer.status_code == 302, answer.text
    return Segment.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])
