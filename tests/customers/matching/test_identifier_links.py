"""A link that an exact identifier makes stays from sync to sync, and goes when the identifier does."""

from datetime import timedelta
from itertools import count

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from customers.deciding.acts import Wanted, decide
from customers.matching.refreshing import withdraw
from customers.models import (
    AccountLink,
    AccountLinkPeriod,
    Conversion,
    LinkDecision,
    LinkEvent,
    LinkProposal,
    LinkVerdict,
    MatchState,
    RollupDay,
)
from customers.pages.links.queue import build_queue
from customers.pages.links.queue_rows import case_url
from tests.customers.world import DAY, READ_AT, World, ago

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
    assert link(kestrel.key) == by_identifier, "in the publish that brings both"
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
    world.publish(accounts=[account], changed=["sf_account"])
    assert link(kestrel.key) == ("unlinked", "", None)
    assert LinkEvent.objects.latest("pk").why == "ground_gone"
    for _ in range(2):
        assert "The number that linked it to the account Kestrel" in AccountLink.objects.get().detail
        world.publish(full=True)
    kestrel.vat_id = OTHER
    kestrel.save()
    world.publish(customers=[kestrel], changed=["erp_customer"])
    assert link(kestrel.key) == by_identifier


def test_a_mistyped_number_of_another_firm_takes_no_link_away_but_puts_it_in_doubt(world: World) -> None:
    account = world.account("Kestrel Hydraulik GmbH", custom_fields={"VAT__c": VAT}, **BILLING)
    kestrel = world.customer("100", name="Kestrel Hydraulik GmbH", vat_id=VAT, **PLACE)
    world.publish(full=True)
    by_identifier = ("linked", "identifier", account.key)
    assert link(kestrel.key) == by_identifier
    analyst = User.objects.create_superuser("iris")

    def doubts() -> list[str]:
        return [row.url for row in build_queue(analyst, DAY, {"status": "doubt"}).rows]

    assert doubts() == []
    other = world.customer("900", name="Noch Andere Firma AG", vat_id=VAT, city="Kiel", country="DE")
    for changed in ({"customers": [other], "changed": ["erp_customer"]}, {"full": True}):
        world.publish(**changed)
        assert link(kestrel.key) == by_identifier, changed
        assert link(other.key)[0] == "unlinked"
        detail = AccountLink.objects.get(erp_customer=kestrel.key).detail
        assert (
            "In doubt: several ERP customers have it, Kestrel Hydraulik GmbH 100 and Noch Andere Firma AG 900" in detail
        )
        assert doubts() == [case_url(kestrel.key)]
    other.vat_id = ""
    other.save()
    world.publish(customers=[other], changed=["erp_customer"])
    assert link(kestrel.key) == by_identifier
    assert "doubt" not in AccountLink.objects.get(erp_customer=kestrel.key).detail
    assert doubts() == []
    other.vat_id = VAT
    other.save()
    world.publish(customers=[other], changed=["erp_customer"])
    decide(analyst, Wanted(LinkVerdict.ACCEPT, kestrel.key, account.key))
    assert (link(kestrel.key)[1], doubts()) == ("decided", []), "a person has looked"


def test_what_an_identifier_links_at_set_up_was_always_so(world: World) -> None:
    account = world.account("Kestrel Hydraulik GmbH", custom_fields={"VAT__c": ""}, **BILLING)
    kestrel = world.customer("100", name="Kestrel Hydraulik GmbH", vat_id=VAT, **PLACE)
    world.order(kestrel, "10", ago(300))
    world.linked("First", "9")
    world.roll_up(ago(1))
    world.roll_up(ago(7), current=False)
    AccountLink.objects.update(linked_at=READ_AT)
    period = AccountLinkPeriod.objects.get(erp_customer=kestrel.key)
    assert (period.account, period.valid_from) == (None, None)
    account.custom_fields = {"VAT__c": VAT}
    account.save()
    for lived, since in ((True, DAY), (False, None)):
        # Whether figures of a day before were computed while it lasted, or only when it was over.
        RollupDay.objects.filter(as_of=ago(1)).update(completed_at=READ_AT - timedelta(days=1 if lived else -1))
        with transaction.atomic():
            world.publish(full=True)
            assert link(kestrel.key) == ("linked", "identifier", account.key)
            periods = AccountLinkPeriod.objects.filter(erp_customer=kestrel.key, account=account.key)
            assert [each.valid_from for each in periods] == [since]
            assert Conversion.objects.get(customer__account=account.key).known_before is not lived
            transaction.set_rollback(lived)


def test_a_second_customer_with_the_number_takes_the_link_and_the_reason_names_both(world: World) -> None:
    account = world.account("Kestrel Hydraulik GmbH", custom_fields={"VAT__c": VAT}, **BILLING)
    kestrel = world.customer("100", name="Kestrel Hydraulik GmbH", vat_id=VAT, **PLACE)
    for _ in range(2):
        world.publish(full=True)
    assert link(kestrel.key) == ("linked", "identifier", account.key)
    twin = world.customer("200", name="Kestrel Hydraulik", vat_id=f"{VAT[:2]} {VAT[2:]}", **PLACE)
    world.publish(customers=[twin], changed=["erp_customer"])
    for key in (kestrel.key, twin.key):
        assert link(key) == ("unlinked", "", None)
        detail = AccountLink.objects.get(erp_customer=key).detail
        assert VAT[2:] in detail
        assert "of the account Kestrel Hydraulik GmbH" in detail
        assert "Kestrel Hydraulik GmbH 100 and Kestrel Hydraulik 200" in detail
    double = world.account("Kestrel Hydraulik", custom_fields={"VAT__c": VAT}, **BILLING)
    world.publish(accounts=[double], changed=["sf_account"])
    assert "Kestrel Hydraulik and Kestrel Hydraulik GmbH" in AccountLink.objects.get(erp_customer=kestrel.key).detail
