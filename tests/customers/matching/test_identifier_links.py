"""A link that an exact identifier makes stays from sync to sync, and goes when the identifier does."""

from itertools import count

import pytest

from customers.matching.refreshing import withdraw
from customers.models import AccountLink, LinkDecision, LinkEvent, LinkProposal, MatchState
from tests.customers.world import World

pytestmark = pytest.mark.django_db
VAT, OTHER = "DE136695976", "DE811569869"
PLACE = {"street": "Hafenstr. 5", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
BILLING = {f"billing_{name}": value for name, value in PLACE.items()}


@pytest.fixture
def world() -> World:
    return World(numbers=count(1))


def link(key: str) -> tuple[str, str, str | None]:
    found = AccountLink.objects.get(erp_customer=key)
    return found.status, found.method, found.account


def test_it_is_made_by_the_sync_after_the_match_and_stays(world: World) -> None:
    account = world.account("Kestrel Hydraulik GmbH", custom_fields={"VAT__c": VAT}, **BILLING)
    kestrel = world.customer("100", name="Kestrel Hydraulik GmbH", vat_id=VAT, **PLACE)
    world.invoice(kestrel, "100.00", None, posted_on=None)
    by_identifier = ("linked", "identifier", account.key)
    world.publish(full=True)
    for changed in ({"full": True}, {}, {"full": True}, {"customers": [kestrel], "changed": ["erp_customer"]}):
        world.publish(**changed)
        assert link(kestrel.key) == by_identifier, changed
    world.publish(accounts=[account], changed=["sf_account"])
    assert link(kestrel.key) == by_identifier
    world.roll_up()
    assert link(kestrel.key) == by_identifier
    # Before its grounds have been looked at again it stays as it is.
    withdraw()
    MatchState.objects.update_or_create(pk=1, defaults={"behind": True, "pending": True})
    world.publish(customers=[kestrel], changed=["erp_customer"])
    world.publish(full=True)
    assert link(kestrel.key) == by_identifier
    MatchState.objects.update(behind=False, pending=False)
    world.publish(full=True)
    assert link(kestrel.key) == by_identifier
    assert LinkProposal.objects.get(certain=True).account == account.key
    assert not LinkDecision.objects.exists()
    assert not list(LinkEvent.objects.exclude(from_account="").values()), "it never left its account"
    account.custom_fields = {"VAT__c": OTHER}
    account.save()
    for _ in range(2):
        world.publish(accounts=[account], changed=["sf_account"])
    assert link(kestrel.key) == ("unlinked", "", None)


def test_a_second_customer_with_the_number_takes_the_link_and_the_reason_names_both(world: World) -> None:
    account = world.account("Kestrel Hydraulik GmbH", custom_fields={"VAT__c": VAT}, **BILLING)
    kestrel = world.customer("100", name="Kestrel Hydraulik GmbH", vat_id=VAT, **PLACE)
    for _ in range(2):
        world.publish(full=True)
    assert link(kestrel.key) == ("linked", "identifier", account.key)
    twin = world.customer("200", name="Kestrel Hydraulik", vat_id=f"{VAT[:2]} {VAT[2:]}", **PLACE)
    for _ in range(2):
        world.publish(customers=[twin], changed=["erp_customer"])
    for key in (kestrel.key, twin.key):
        assert link(key) == ("unlinked", "", None)
        detail = AccountLink.objects.get(erp_customer=key).detail
        assert VAT[2:] in detail
        assert "of the account Kestrel Hydraulik GmbH" in detail
        assert "Kestrel Hydraulik GmbH 100 and Kestrel Hydraulik 200" in detail
    double = world.account("Kestrel Hydraulik", custom_fields={"VAT__c": VAT}, **BILLING)
    for _ in range(2):
        world.publish(accounts=[double], changed=["sf_account"])
    assert "Kestrel Hydraulik and Kestrel Hydraulik GmbH" in AccountLink.objects.get(erp_customer=kestrel.key).detail
