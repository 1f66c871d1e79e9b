"""The pages about accounts that Salesforce refuses for a reason that stays."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.models import ParkedRow, PlanStatus, Run, RunKind, RunStatus
from integration_hub.push import switch
from tests.integration_hub.pages.push_world import OVERDUE, RULE, a_plan, account, park

pytestmark = pytest.mark.django_db


@pytest.fixture
def parked() -> None:
    """Three accounts that a rule refuses, one of them resolved since, and one that may not be edited."""
    park(1, days=40, assigned_to="bob")
    park(2, days=3, retry_asked=True)
    park(3, resolved_at=timezone.now())
    park(4, cause="rights", days=0)


def asked() -> set[str]:
    return set(ParkedRow.objects.filter(retry_asked=True).values_list("account", flat=True))


def cause_page(page_of: Client, cause: str = "rule", **query: str):
    return page_of.get(reverse("parked_cause", args=[cause]), query)


def test_the_causes_say_how_many_since_when_what_it_means_and_who_can_help(admin_page: Client, parked: None) -> None:
    page = admin_page.get(reverse("parked"))
    rule, rights = page.context["lines"]
    assert (rule.code, rule.accounts, rule.age_days, rule.fields, rule.asked, rule.unassigned) == (
        RULE, 2, 40, ("Overdue",), 1, 1,
    )  # fmt: skip
    assert (rights.accounts, rights.age_days) == (1, 0)
    text = page.content.decode()
    assert "&lt;b&gt;Region&lt;/b&gt; must be set" in text
    assert "<b>Region</b>" not in text
    assert "A validation rule of the org refused" in text
    assert "Who can fix it:" in text
    assert "2\u00a0reasons, 3\u00a0accounts" in text


@pytest.mark.parametrize("show", ["", "resolved"])
def test_each_count_of_accounts_opens_exactly_those(admin_page: Client, parked: None, show: str) -> None:
    page = admin_page.get(reverse("parked"), {"show": show})
    lines = page.context["lines"]
    assert [(line.cause, line.accounts) for line in lines] == ([("rule", 1)] if show else [("rule", 2), ("rights", 1)])
    for line in lines:
        opened = cause_page(admin_page, line.cause, show=show)
        assert opened.context["page"].paginator.count == line.accounts
        assert {each.known.row.resolved_at is not None for each in opened.context["rows"]} == {bool(show)}
    assert {name: count for name, _, count in page.context["filters"]} == {"": 2, "resolved": 1}


def test_a_cause_lists_owner_age_tries_values_and_who_takes_care(admin_page: Client, parked: None) -> None:
    plan = a_plan(PlanStatus.PARTIAL)
    ParkedRow.objects.filter(account=account(1)).update(plan=plan)
    page = cause_page(admin_page)
    first, second = page.context["rows"]
    assert (first.known.row.account, first.age_days, first.known.owner) == (account(1), 40, "Ana Duarte")
    assert [(value.label, value.value) for value in first.values] == [("Overdue", "1,234.50")]
    assert second.known.row.account == account(2)
    text = page.content.decode()
    for words in ("Ana Duarte", "bob", "40\u00a0days", "1,234.50", f"{reverse('plan', args=[plan.pk])}?q={account(1)}"):
        assert words in text
    assert {name: count for name, _, count in page.context["filters"]} == {"": 2, "resolved": 1}


def test_ticked_accounts_are_assigned_to_oneself_or_to_nobody(admin_page: Client, parked: None) -> None:
    rows = list(ParkedRow.objects.filter(cause="rule", resolved_at=None).values_list("pk", flat=True))
    answer = admin_page.post(reverse("parked_act"), {"assign": "me", "row": rows[1:], "back": "rule"})
    assert answer["Location"] == reverse("parked_cause", args=["rule"])
    assert list(ParkedRow.objects.filter(pk__in=rows).order_by("pk").values_list("assigned_to", flat=True)) == [
        "bob", "alice",
    ]  # fmt: skip
    admin_page.post(reverse("parked_act"), {"assign": "nobody", "row": rows})
    assert set(ParkedRow.objects.values_list("assigned_to", flat=True)) == {""}


def test_nothing_ticked_changes_nothing(admin_page: Client, parked: None) -> None:
    before = list(ParkedRow.objects.order_by("pk").values())
    for given in ({"assign": "me"}, {"retry": "1"}, {"assign": "me", "row": ["x", "9" * 30]}, {}):
        page = admin_page.post(reverse("parked_act"), given, follow=True)
        assert "Nothing was ticked" in page.content.decode()
    assert list(ParkedRow.objects.order_by("pk").values()) == before


def test_trying_again_counts_first_and_asks_by_post(admin_page: Client, parked: None) -> None:
    row = ParkedRow.objects.get(account=account(1))
    ticked = admin_page.post(reverse("parked_act"), {"retry": "1", "row": [row.pk]}, follow=True)
    assert "1\u00a0account will be tried again" in ticked.content.decode()
    for query, count in (({"cause": "rule"}, 2), ({"cause": "rights"}, 1), ({}, 3), ({"row": row.pk}, 1)):
        page = admin_page.get(reverse("parked_retry"), query)
        assert page.context["accounts"] == count, query
        assert sum(line.accounts for line in page.context["lines"]) == count
    assert asked() == {account(2)}
    admin_page.post(reverse("parked_retry"), {"row": row.pk})
    assert asked() == {account(1), account(2)}
    admin_page.post(reverse("parked_retry"), {"cause": "rights"})
    assert asked() == {account(1), account(2), account(4)}


def test_all_can_be_tried_again_at_once_but_not_what_was_resolved(admin_page: Client, parked: None) -> None:
    admin_page.post(reverse("parked_retry"))
    assert asked() == {account(1), account(2), account(4)}
    assert Run.objects.get().kind == RunKind.PUSH


def test_an_unknown_choice_tries_nothing_again(admin_page: Client, parked: None) -> None:
    for given in ({"row": "x"}, {"row": ""}, {"row": "987654321"}, {"cause": "unknown"}, {"cause": ""}):
        page = admin_page.post(reverse("parked_retry"), given, follow=True)
        assert "None of these accounts waits" in page.content.decode()
    assert asked() == {account(2)}
    assert not Run.objects.exists()


def test_trying_again_waits_for_a_stopped_or_a_running_push(admin_page: Client, parked: None) -> None:
    running = Run.objects.create(kind=RunKind.PUSH, subject="salesforce", status=RunStatus.RUNNING)
    page = admin_page.post(reverse("parked_retry"), {"cause": "rights"}, follow=True)
    assert "with the next push" in page.content.decode()
    running.delete()
    switch.stop("bob", "Wrong rates")
    page = admin_page.post(reverse("parked_retry"), {"cause": "rule"}, follow=True)
    assert "as soon as the push is resumed" in page.content.decode()
    assert not Run.objects.exists()


def test_the_tab_counts_the_accounts_that_wait(admin_page: Client, parked: None) -> None:
    tabs = {tab.label: tab.count for tab in admin_page.get(reverse("plans")).context["tabs"]}
    assert tabs == {"Plans": None, "Parked accounts": 3, "Edited by hand": 0}


def test_nothing_parked_says_what_would_be_here(admin_page: Client) -> None:
    assert "Salesforce refuses no account" in admin_page.get(reverse("parked")).content.decode()
    assert "None was resolved yet" in admin_page.get(reverse("parked"), {"show": "resolved"}).content.decode()
    assert cause_page(admin_page, "unknown").status_code == 404


def test_a_cause_whose_accounts_are_all_resolved_still_opens(admin_page: Client, parked: None) -> None:
    ParkedRow.objects.update(resolved_at=timezone.now())
    text = cause_page(admin_page).content.decode()
    assert "No account waits for this reason any more" in text


def test_long_lists_are_paged_and_ask_as_often_as_short_ones(
    admin_page: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(120):
        park(number, values={OVERDUE: None})
    with django_assert_max_num_queries(28):  # type: ignore[operator]
        page = cause_page(admin_page, page="3")
    assert len(page.context["rows"]) == 20
    assert re.search(r"101 to 120 of 120", page.content.decode())
