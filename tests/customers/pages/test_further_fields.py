"""Fields that hub.toml mirrors are on the customer's pages, for those who may see the customer."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from customers.field_values import written
from integration_hub.field_facts import field_facts, plain_label
from integration_hub.models import Run, RunKind, SfAccount, StreamState
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.mirrored import mirrored
from tests.customers.pages.world import KESTREL

__all__ = ["mirrored"]


def text_of(client: Client, path: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(path).content.decode()).split())


def test_the_customer_page_shows_label_and_value_of_each_field(mirrored: World, cast: Cast) -> None:
    page = text_of(cast.owner, f"/customers/{mirrored.kestrel.pk}/")
    assert "Risk class (finance) High" in page
    assert "Score −1,234.50" in page
    assert "Renewal 1 Mar 2027" in page
    assert "Rating 007" in page


def test_an_empty_field_is_shown_as_empty(mirrored: World, cast: Cast) -> None:
    page = text_of(cast.analyst, f"/customers/{mirrored.keston.pk}/")
    assert "Risk class (finance) Low &amp; slow" in page
    assert "Rating –" in page


def test_a_formula_says_how_old_it_is(mirrored: World, cast: Cast) -> None:
    assert "computed" not in text_of(cast.owner, f"/customers/{mirrored.kestrel.pk}/")
    StreamState.objects.create(
        stream="salesforce.Account", source="salesforce", full_as_of=datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    )
    StreamState.objects.create(
        stream="salesforce.Account formulas",
        source="salesforce formulas",
        as_of=datetime(2026, 11, 22, 5, 0, tzinfo=UTC),
    )
    page = text_of(cast.owner, f"/customers/{mirrored.kestrel.pk}/")
    assert page.count("computed ") == 1
    assert "22 Nov 2026 06:00" in page.replace("\xa0", " ")


def test_contacts_and_opportunities_have_theirs(mirrored: World, cast: Cast) -> None:
    assert "Language: Nederlands" in text_of(cast.owner, f"/customers/{mirrored.kestrel.pk}/contacts/")
    assert "Competitors: Acme, Globex" in text_of(cast.owner, f"/customers/{mirrored.kestrel.pk}/opportunities/")


def test_whoever_may_not_see_the_customer_sees_none_of_it(mirrored: World, cast: Cast) -> None:
    for client in (cast.outsider, cast.untied):
        assert client.get(f"/customers/{mirrored.kestrel.pk}/").status_code == 404
        page = text_of(client, "/customers/?field=Risk_Class__c%3DHigh")
        assert "Kestrel" not in page
        assert "High (" not in page


def test_without_configured_fields_there_is_no_card(world: World, cast: Cast) -> None:
    assert "From Salesforce" not in text_of(cast.owner, f"/customers/{world.kestrel.pk}/")


def test_the_customer_list_keeps_those_with_the_chosen_value(mirrored: World, cast: Cast) -> None:
    high = text_of(cast.analyst, "/customers/?field=Risk_Class__c%3DHigh")
    assert "2 customers" in high
    assert "Keston" not in high
    assert "1 customer," in text_of(cast.analyst, "/customers/?field=Rating%3D007")
    assert "2 customers" in text_of(cast.analyst, "/customers/?field=Rating%3D")
    assert "4 customers" in text_of(cast.analyst, "/customers/?field=Owner%3Dx")


def test_one_chooses_among_the_values_of_accounts_one_may_see(mirrored: World, cast: Cast) -> None:
    assert "High (2)" in text_of(cast.owner, "/customers/")
    assert "Low &amp; slow (1)" not in text_of(cast.owner, "/customers/")
    assert "Low &amp; slow (1)" in text_of(cast.outsider, "/customers/")


def test_after_a_run_the_values_are_counted_anew(mirrored: World, cast: Cast) -> None:
    assert "High (2)" in text_of(cast.analyst, "/customers/")
    SfAccount.objects.filter(key=KESTREL).update(custom_fields={"Risk_Class__c": "Middle"})
    Run.objects.create(kind=RunKind.SYNC, subject="salesforce", finished_at=datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    page = text_of(cast.analyst, "/customers/")
    assert "High (1)" in page
    assert "Middle (1)" in page


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("acme__Risk_Class__c", "Risk class"),
        ("AnnualRevenue", "Annual revenue"),
        ("ERP_Number__c", "ERP number"),
        ("Language__pc", "Language"),
        ("Rating", "Rating"),
        ("__c", "__c"),
    ],
)
def test_a_label_is_made_of_a_name_that_nobody_described(name: str, label: str) -> None:
    assert plain_label(name) == label


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("00123", "", "00123"),
        ("00123", "string", "00123"),
        ("1234567.80", "currency", "1,234,567.80"),
        ("12.5", "percent", "12.5%"),
        ("true", "boolean", "Yes"),
        ("true", "string", "true"),
        ("2026-03-01", "date", "1\u00a0Mar\u00a02026"),
        ("soon", "date", "soon"),
        ("NaN", "double", "NaN"),
    ],
)
def test_a_value_is_written_by_its_type(text: str, kind: str, told: str) -> None:
    assert written(text, kind) == told


def test_fields_keep_their_order_and_come_once(db: None) -> None:
    assert [fact.name for fact in field_facts("Account", ["B__c", "A__c", "B__c"])] == ["B__c", "A__c"]
