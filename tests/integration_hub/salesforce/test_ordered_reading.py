"""Reading in the order of ids: what the mirror reads over REST, whatever happens on the way."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from integration_hub.salesforce.bulk_query import QueryJob
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.errors import AuthenticationFailed, RequestRefused
from integration_hub.salesforce.extraction import Delivery, Question
from integration_hub.salesforce.place import BULK, REST, Place
from integration_hub.salesforce.query import OrderedReading
from tests.practice_org import PracticeOrg

Accounts = Callable[[int], list[str]]


def question(org: Org, *names: str, where: str = "") -> Question:
    described = org.describe("Account")
    return Question("Account", names, tuple(described.find(name) for name in names), where, with_deleted=False)


def ids_of(reading: OrderedReading) -> list[str]:
    return [str(record["Id"]) for page in reading.pages() for record in page]


@pytest.fixture
def reading(org: Org, practice_org: PracticeOrg) -> Callable[..., OrderedReading]:
    practice_org.admin("settings", {"rest_page_rows": 20})
    asked = question(org, "Id", "Name").behind
    return lambda last="": org.ordered(asked, include_deleted=False, last=last)


def test_trap_13_all_rows_come_in_order_however_small_the_pages(
    reading: Callable[..., OrderedReading], accounts: Accounts
) -> None:
    expected = accounts(45)
    found = reading()
    assert ids_of(found) == sorted(expected)
    assert (found.rows, found.total, found.whole, found.gapless) == (45, 45, True, True)


def test_trap_1_a_session_that_ends_on_page_three_goes_on_behind_the_last_row(
    reading: Callable[..., OrderedReading],
    accounts: Accounts,
    practice_org: PracticeOrg,
    token_requests: Callable[[], int],
) -> None:
    expected = accounts(75)
    practice_org.fault("expire_session", count=1, after=1, path="/query/01g")
    practice_org.forget_calls()
    found = reading()
    assert ids_of(found) == sorted(expected)
    assert token_requests() == 1
    assert not found.gapless
    firsts = [call["path"] for call in practice_org.calls() if "ORDER" in call["path"]]
    assert len(firsts) == 2
    assert sorted(expected)[39] in firsts[1], "it goes on behind the fortieth row instead of starting anew"


def test_trap_2_a_session_that_is_lost_again_and_again_is_given_up(
    reading: Callable[..., OrderedReading], accounts: Accounts, practice_org: PracticeOrg
) -> None:
    accounts(45)
    practice_org.fault("unauthorized", path="/query")
    with pytest.raises(AuthenticationFailed):
        ids_of(reading())


@pytest.mark.parametrize("fault", ["cut_body", "truncated_gzip"])
@pytest.mark.parametrize("path", ["/query/01g", "FROM+Account"])
def test_trap_12_a_page_that_comes_in_part_is_asked_for_again(
    reading: Callable[..., OrderedReading], accounts: Accounts, practice_org: PracticeOrg, fault: str, path: str
) -> None:
    expected = accounts(75)
    practice_org.fault(fault, count=1, path=path)
    assert ids_of(reading()) == sorted(expected)


@pytest.mark.parametrize("after", [0, 1])
def test_trap_14_a_lost_locator_goes_on_behind_the_last_row(
    reading: Callable[..., OrderedReading], accounts: Accounts, practice_org: PracticeOrg, after: int
) -> None:
    expected = accounts(75)
    practice_org.fault("locator_expired", count=1, after=after)
    assert ids_of(reading()) == sorted(expected)


def test_trap_14_a_locator_that_is_lost_for_ever_still_brings_every_row(
    reading: Callable[..., OrderedReading], accounts: Accounts, practice_org: PracticeOrg
) -> None:
    expected = accounts(75)
    practice_org.fault("locator_expired")
    assert ids_of(reading()) == sorted(expected)


def test_a_refusal_that_no_new_start_can_heal_is_told(
    reading: Callable[..., OrderedReading], accounts: Accounts, practice_org: PracticeOrg
) -> None:
    accounts(45)
    practice_org.fault("query_timeout", path="/query/01g")
    with pytest.raises(RequestRefused, match="ran too long"):
        ids_of(reading())


def test_trap_16_a_page_that_comes_twice_brings_no_row_twice(
    reading: Callable[..., OrderedReading], accounts: Accounts, practice_org: PracticeOrg
) -> None:
    expected = accounts(75)
    practice_org.fault("duplicate_page", count=1)
    assert sorted(ids_of(reading())) == sorted(expected)


def test_trap_16_a_read_in_parts_is_whole_only_when_salesforce_counts_no_more_rows(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    expected = sorted(accounts(45))
    asked = question(org, "Id", "Name")
    behind = Place(REST, last=expected[19], rows=20)
    flow = Delivery(org, asked, behind)
    assert sum(1 for portion in flow.portions() for _ in portion.chunks)
    assert (flow.place.rows, flow.place.whole) == (45, True)
    short = Delivery(org, asked, replace(behind, rows=19))
    assert sum(1 for portion in short.portions() for _ in portion.chunks)
    assert (short.place.rows, short.place.whole) == (44, False)


def test_a_condition_is_kept_together_beside_the_place(org: Org) -> None:
    asked = question(org, "Id", where="Name = 'a' OR Name = 'b'")
    assert asked.behind("") == "SELECT Id FROM Account WHERE (Name = 'a' OR Name = 'b') ORDER BY Id"
    assert asked.behind("001") == "SELECT Id FROM Account WHERE (Name = 'a' OR Name = 'b') AND Id > '001' ORDER BY Id"


def test_trap_30_every_page_has_its_header_and_its_own_order_of_columns(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts(45)
    practice_org.admin("settings", {"bulk_page_rows": 20})
    pages, turned = QueryJob.pages, ("name", "ID")

    def reordered(job: QueryJob):
        for number, page in enumerate(pages(job)):
            assert page.columns == ("Id", "Name")
            yield replace(page, columns=turned) if number == 1 else page

    monkeypatch.setattr(QueryJob, "pages", reordered)
    flow = Delivery(org, question(org, "Id", "Name"), Place(BULK))
    found = [(portion.columns, b"".join(portion.chunks).count(b"\n")) for portion in flow.portions()]
    assert found == [(("Id", "Name"), 0), (("Id", "Name"), 20), (("Name", "Id"), 20), (("Id", "Name"), 5)]


def test_trap_29_an_empty_result_is_whole_and_has_no_rows(org: Org) -> None:
    for place in (Place(BULK), Place(REST)):
        flow = Delivery(org, question(org, "Id", "Name"), place)
        assert b"".join(chunk for portion in flow.portions() for chunk in portion.chunks) == b""
        assert (flow.place.done, flow.place.whole, flow.place.rows) == (True, True, 0)


def test_trap_19_more_rows_of_one_second_than_a_page_holds_all_arrive(org: Org, practice_org: PracticeOrg) -> None:
    stamp = "2026-02-10T12:00:00Z"
    expected = practice_org.seed("Account", *({"Name": f"{n}", "SystemModstamp": stamp} for n in range(2001)))
    asked = question(org, "Id", where=f"SystemModstamp >= {stamp}")
    for place in (Place(BULK), Place(REST)):
        flow = Delivery(org, asked, place)
        rows = b"".join(chunk for portion in flow.portions() for chunk in portion.chunks).decode().split()
        assert sorted(row.strip('"') for row in rows) == sorted(expected)
        assert flow.place.whole


def test_a_place_is_the_same_after_it_was_kept_as_text() -> None:
    place = Place(BULK, job="750", locator="abc", rows=7, expected=9, done=True, whole=False)
    assert Place.of(place.kept) == place
    assert all(isinstance(value, str) for value in place.kept.values())
