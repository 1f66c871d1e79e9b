"""A customer is found by a telephone number, a tax number or a number in a register, however it is written."""

import pytest
from django.urls import reverse

from customers.matching import match_all
from customers.models import MatchBlock, MatchRecord
from customers.search_numbers import MOST_RECORDS, keys_with_number
from integration_hub.models import ErpContact, ErpCustomer, SfAccount
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.test_search import URL, groups
from tests.customers.pages.world import KESTREL

NAME = "Kestrel Marine Engineering B.V."


@pytest.fixture
def numbered(world: World) -> World:
    """The company, with numbers of Kestrel in both systems: +31 10 555 01 is that of its contact."""
    SfAccount.objects.filter(key=KESTREL).update(phone="+31 (0)20 794 0800")
    ErpCustomer.objects.filter(key="erp:104233").update(
        vat_id="DE 136 695 976", registration_number="HRB 204711", country="NL"
    )
    ErpContact.objects.filter(key="erp:c1").update(phone="0031-6-48 12 77 30")
    match_all()
    return world


@pytest.mark.parametrize(
    "text",
    [
        *("+31 20 794 0800", "0031 20 7940800", "020-7940800", "(020) 794.08.00", "31207940800", "+31 20 794 0800 12"),
        *("+31 10 555 01", "010 55501", "+31648127730", "06 48127730"),
        *("DE136695976", "de 136.695.976", "136 695 976", "HRB 204711", "hrb204711", "204711"),
    ],
)
def test_a_whole_number_finds_its_customer_only_for_those_who_may_see_it(
    numbered: World, cast: Cast, text: str
) -> None:
    for client in (cast.owner, cast.analyst):
        page = client.get(URL, {"q": text, "part": "1"})
        assert groups(client, text) == {"Customers": [NAME]}, text
        assert "has this number" in page.text
        assert client.get(URL, {"q": text})["Location"] == reverse("customers:detail", args=(numbered.kestrel.pk,))
    for client in (cast.outsider, cast.untied):
        assert groups(client, text) == {}, text


@pytest.mark.parametrize(
    "text",
    [
        *("AT136695976", "Acme 136695976", "136695", "695 976", "+49 20 794 0800 x", "794 0800", "020 7940801"),
        *("000 000 000", "+", "()", "+31", "1" * 41, "DE136695976 DE136695976 DE136695976"),
    ],
)
def test_another_number_and_a_part_of_one_find_nobody(numbered: World, cast: Cast, text: str) -> None:
    assert groups(cast.analyst, text) == {}, text


def test_words_ask_for_no_number_and_a_number_in_two_queries_however_many_have_it(
    numbered: World, django_assert_num_queries
) -> None:
    with django_assert_num_queries(0):
        for text in ("kestrel", "Rotterdam marine", "PO 77", "SO-1"):
            assert not any(keys_with_number(text).values()), text
    known = MatchRecord.objects.get(side="a", key=KESTREL)
    block = MatchBlock.objects.filter(record=known.pk).values_list("block", flat=True)
    others = MatchRecord.objects.bulk_create(
        MatchRecord(side="e", key=f"erp:n{number}", print="0" * 32, facts=known.facts, blocks=list(block), due=False)
        for number in range(MOST_RECORDS + 50)
    )
    MatchBlock.objects.bulk_create(
        MatchBlock(block=each, side="e", record=other.pk) for other in others for each in block
    )
    with django_assert_num_queries(2):
        found = keys_with_number("+31 20 794 0800")
    assert 0 < sum(map(len, found.values())) <= MOST_RECORDS
