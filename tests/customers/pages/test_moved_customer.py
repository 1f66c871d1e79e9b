"""An ERP customer that was linked meanwhile: its old page leads to the account's."""

import pytest
from django.urls import reverse

from customers.models import Customer
from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTREL, READ_AT

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


def test_who_may_not_see_the_account_finds_nothing(moved: World, cast: Cast) -> None:
    for name in PAGES:
        assert cast.outsider.get(reverse(f"customers:{name}", args=(moved.unlinked.pk,))).status_code == 404


def test_a_customer_that_really_left_the_erp_keeps_its_page_and_says_so(world: World, cast: Cast) -> None:
    Customer.objects.filter(pk=world.unlinked.pk).update(gone_at=READ_AT)
    page = cast.analyst.get(reverse("customers:detail", args=(world.unlinked.pk,)))
    assert page.status_code == 200
    assert "This customer left the ERP" in page.content.decode()
