"""From Salesforce in one click: accounts, opportunities, deleted and unknown ids, prospects with their candidates."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from customers.candidates import domain_of, find_candidates, words_of
from customers.matching import propose
from customers.models import AccountLink, Customer
from integration_hub.models import ErpCustomer, SfAccount, SfContact, SfOpportunity
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.test_every_url import without_token
from tests.customers.pages.world import FOREIGN, KESTREL, PROSPECT, READ_AT, mirrored

DEAL = "006Dn00000AbCdEIAV"


def link(record: str) -> str:
    return f"/customers/by-salesforce-id/{record}"


def test_an_opportunity_opens_its_customers_opportunities(world: World, cast: Cast) -> None:
    target = reverse("customers:opportunities", args=(world.kestrel.pk,))
    for record in (DEAL, DEAL[:15]):
        assert cast.owner.get(link(record))["Location"] == target
        assert cast.outsider.get(link(record)).status_code == 404
    SfOpportunity.objects.filter(key=DEAL).update(deleted_at=READ_AT)
    assert cast.owner.get(link(DEAL)).status_code == 404


def test_each_record_leads_to_itself_in_salesforce_and_a_documents_number_can_be_copied(
    world: World, cast: Cast
) -> None:
    org = "https://login.salesforce.com"
    pages = {
        reverse("customers:detail", args=(world.kestrel.pk,)): f'href="{org}/{KESTREL}"',
        reverse("customers:opportunities", args=(world.kestrel.pk,)): f'href="{org}/{DEAL}"',
        reverse("customers:order", args=("erp:SO-1",)): 'data-copy="SO-1"',
        reverse("customers:delivery", args=("erp:D-1",)): 'data-copy="D-1"',
        reverse("customers:invoice", args=("erp:F-1",)): 'data-copy="F-1"',
        reverse("customers:payment", args=("erp:P-1",)): 'data-copy="P-1"',
    }
    for url, words in pages.items():
        assert words in cast.owner.get(url).text, url


def test_an_id_that_no_sync_has_seen_says_what_to_do_and_a_foreign_one_the_same(world: World, cast: Cast) -> None:
    unknown, foreign = cast.outsider.get(link(FOREIGN)), cast.outsider.get(link(KESTREL))
    assert (unknown.status_code, foreign.status_code) == (404, 404)
    assert without_token(unknown.text) == without_token(foreign.text)
    assert "arrives with the next sync" in unknown.text


def test_a_deleted_account_opens_an_honest_page(world: World, cast: Cast) -> None:
    SfAccount.objects.filter(key=KESTREL).update(deleted_at=READ_AT, gone_reason="deleted")
    Customer.objects.filter(pk=world.kestrel.pk).update(gone_at=READ_AT)
    page = cast.owner.get(link(KESTREL), follow=True)
    assert page.status_code == 200
    assert "This account was deleted in Salesforce" in page.text


@pytest.fixture
def lookalikes(world: World) -> None:
    """Unlinked ERP customers that look like the prospect, each in one way, and one that is somebody else's."""
    SfAccount.objects.filter(key=PROSPECT).update(
        website="https://www.prospect.example/en",
        custom_fields={"VAT_Number__c": "GB 123.456.789"},
        account_number="P-7",
    )
    mirrored(SfContact, "003Dn00000PpPpPIAV", account_id=PROSPECT, name="Al", email="al@gmail.com")
    alike: dict[str, dict[str, Any]] = {
        "500001": {"name": "Old Mill", "vat_id": "GB123456789"},
        "P-7": {"name": "Same number"},
        "500003": {"name": "Web Only", "email": "sales@prospect.example"},
        "500004": {"name": "PROSPECT SONS Ltd.", "city": "Leeds", "credit_limit": Decimal(998877)},
        "500005": {"name": "Al's Garage", "email": "other@gmail.com"},
    }
    for number, values in alike.items():
        key = f"erp:{number}"
        mirrored(ErpCustomer, key, number=number, **values)
        alone = Customer.objects.create(
            erp_customer=key, name=values["name"], search_text=f"{values['name']} {number}".lower()
        )
        AccountLink.objects.create(erp_customer=key, customer=alone, status="unlinked")
    ErpCustomer.objects.filter(key="erp:104233").update(vat_id="GB123456789", website="prospect.example")
    propose(customers=[f"erp:{number}" for number in ("104233", *alike)], accounts=[PROSPECT])


def test_candidates_come_with_their_evidence_the_most_likely_first(lookalikes: None) -> None:
    found = [(each.number, each.evidence) for each in find_candidates(PROSPECT)]
    assert found == [
        ("500004", ("Same name apart from the legal form", "Same city Leeds")),
        ("500001", ("Same VAT number GB123456789", "But other name")),
        ("P-7", ("Same number P-7", "But other name")),
        ("500003", ("Same e-mail or web domain prospect.example", "But other name")),
    ]


def test_a_prospect_has_its_own_empty_state_with_candidates(
    lookalikes: None, world: World, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(90):
        page = cast.owner.get(link(PROSPECT), follow=True).text
    assert "Nothing from the ERP yet" in page
    assert "Same VAT number GB123456789" in page
    alone = Customer.objects.get(erp_customer="erp:500001")
    own_page = reverse("customers:detail", args=(alone.pk,))
    # The owner of the prospect sees who it may be, but neither a figure nor the page of that customer.
    assert own_page not in page
    assert "998,877" not in page
    assert cast.owner.get(own_page).status_code == 404
    assert own_page in cast.analyst.get(link(PROSPECT), follow=True).text


def test_without_anything_alike_the_page_says_so(world: World, cast: Cast) -> None:
    assert "No ERP customer looks alike" in cast.owner.get(link(PROSPECT), follow=True).text


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.Kestrel.example/en?x=1", "kestrel.example"),
        ("Joost@Kestrel.example", "kestrel.example"),
        ("kestrel.example:8080", "kestrel.example"),
        ("somebody@gmail.com", ""),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_a_domain_is_told_from_an_address(address: str, domain: str) -> None:
    assert domain_of(address) == domain


def test_words_that_say_only_the_legal_form_do_not_tell_companies_apart() -> None:
    assert words_of("Müller & Söhne GmbH") == {"muller", "sohne"}
    assert words_of("Van der Meer Pompen B.V.") == {"van", "der", "meer", "pompen"}
    assert words_of("A.B. Ltd") == frozenset()
