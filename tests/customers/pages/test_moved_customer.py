"""An ERP customer that was linked meanwhile, an account that was merged: the old page leads to today's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import Customer
from customers.pages.former import now_part_of
from customers.pages.identity import eighteen
from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer, SfAccount
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, READ_AT, mirrored

PAGES = ("detail", "orders", "deliveries", "invoices", "payments", "opportunities", "contacts")


@pytest.fixture
def moved(world: World) -> World:
    """The unlinked customer after somebody wrote Kestrel's account into the ERP."""
    ErpCustomer.objects.filter(key=world.unlinked.erp_customer).update(salesforce_account=KESTREL)
    recompute_all(AS_OF, current=True)
    assert Customer.objects.get(pk=world.unlinked.pk).gone_at is not None
    return world


def test_every_page_of_a_customer_that_was_linked_leads_to_the_same_page_of_the_account(
    moved: World, cast: Cast
) -> None:
    for name in PAGES:
        answer = cast.owner.get(reverse(f"customers:{name}", args=(moved.unlinked.pk,)))
        assert (answer.status_code, answer.headers.get("Location")) == (
            302,
            reverse(f"customers:{name}", args=(moved.kestrel.pk,)),
        )


def found(cast: Cast, text: str) -> list[tuple[str, str]]:
    answer = cast.analyst.get("/search/", {"q": text, "part": "1"})
    groups = {group.label: group.hits for group in answer.context["found"].groups}
    return [(hit.url, hit.detail) for hit in groups.get("Customers", ())]


def test_a_search_shows_what_became_of_a_former_customer_once(moved: World, cast: Cast) -> None:
    page = reverse("customers:detail", args=(moved.kestrel.pk,))
    for text in ("100009", "Unlinked Works"):
        assert [url for url, _ in found(cast, text)] == [page], text


def test_a_search_by_a_name_that_only_the_former_customer_had_says_whose_it_is_now(world: World, cast: Cast) -> None:
    SfAccount.objects.filter(key=KESTON).update(name="Harbour Tools")
    recompute_all(AS_OF, current=True)
    SfAccount.objects.filter(key=KESTON).update(deleted_at=READ_AT, gone_reason="merged", master_record=KESTREL)
    recompute_all(AS_OF, current=True)
    ((url, detail),) = found(cast, "Harbour Tools")
    assert url == reverse("customers:detail", args=(world.keston.pk,))
    assert detail.endswith(f"now part of {world.kestrel.name}")


def test_a_search_that_finds_many_merged_accounts_asks_no_more_than_for_one(world: World, cast: Cast) -> None:
    def merged(number: int) -> None:
        key = eighteen(f"001Dn00000{number:05d}")
        mirrored(SfAccount, key, deleted_at=READ_AT, gone_reason="merged", master_record=KESTREL)
        Customer.objects.create(account=key, name=f"Gear Works {number}", search_text="gear works", gone_at=READ_AT)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert {detail.endswith(f"now part of {world.kestrel.name}") for _, detail in found(cast, "gear")} == {True}
        return len(asked)

    merged(1)
    queries()
    few = queries()
    for number in range(2, 20):
        merged(number)
    assert queries() == few


def test_accounts_that_were_merged_in_a_row_or_in_a_circle_lead_to_an_end(world: World) -> None:
    chain = [eighteen(f"001Dn000000000{number}") for number in range(3)]
    for key, winner in zip(chain, (chain[1], chain[2], KESTREL), strict=True):
        mirrored(SfAccount, key, deleted_at=READ_AT, gone_reason="merged", master_record=winner)
    former = [Customer.objects.create(account=key, gone_at=READ_AT) for key in chain]
    assert now_part_of(former) == {each.pk: {world.kestrel.pk} for each in former}
    SfAccount.objects.filter(key=chain[2]).update(master_record=chain[0])
    assert now_part_of(former[:1]) == {}


def test_who_may_not_see_the_account_finds_nothing(moved: World, cast: Cast) -> None:
    for name in PAGES:
        assert cast.outsider.get(reverse(f"customers:{name}", args=(moved.unlinked.pk,))).status_code == 404


def test_a_customer_that_really_left_the_erp_keeps_its_page_and_says_so(world: World, cast: Cast) -> None:
    Customer.objects.filter(pk=world.unlinked.pk).update(gone_at=READ_AT)
    page = cast.analyst.get(reverse("customers:detail", args=(world.unlinked.pk,)))
    assert page.status_code == 200
    assert "This customer left the ERP" in page.content.decode()


def test_every_page_of_a_merged_account_leads_to_the_same_page_of_the_winner(world: World, cast: Cast) -> None:
    merged = {"deleted_at": READ_AT, "gone_reason": "merged", "master_record": KESTREL}
    SfAccount.objects.filter(key=KESTON).update(**merged)
    recompute_all(AS_OF, current=True)
    for name in PAGES:
        answer = cast.owner.get(reverse(f"customers:{name}", args=(world.keston.pk,)))
        assert (answer.status_code, answer.headers.get("Location")) == (
            302,
            reverse(f"customers:{name}", args=(world.kestrel.pk,)),
        )
        assert cast.outsider.get(reverse(f"customers:{name}", args=(world.keston.pk,))).status_code == 404


def test_a_deleted_account_keeps_its_page_and_says_so(world: World, cast: Cast) -> None:
    SfAccount.objects.filter(key=KESTON).update(deleted_at=READ_AT, gone_reason="deleted", master_record="")
    recompute_all(AS_OF, current=True)
    page = cast.analyst.get(reverse("customers:detail", args=(world.keston.pk,)))
    assert page.status_code == 200
    assert "This account was deleted in Salesforce" in page.content.decode()
    assert "stand alone now, with their documents and figures" in page.content.decode()
