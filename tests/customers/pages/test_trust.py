"""The bar at the end of a customer page is green only where ERP, mirror and Salesforce say the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import CustomerRollup
from customers.pages.trust import Trust
from customers.push_values import current_values
from integration_hub.config import hub
from integration_hub.models import LiveAccount, LiveRead, PushedValue, Reconciliation
from integration_hub.standing_differences import compared_streams
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTREL

FIELD = "ERP_Overdue_Amount__c"


def trust_of(cast: Cast, world: World, name: str = "detail", **query: str) -> Trust:
    answer = cast.administrator.get(reverse(f"customers:{name}", args=(world.kestrel.pk,)), query)
    assert answer.status_code == 200
    found: Trust = answer.context["trust"]
    return found


@pytest.fixture
def compared(world: World) -> None:
    """Every stream of the ERP was just compared row by row, and agreed."""
    for stream in compared_streams():
        Reconciliation.objects.create(
            stream=stream, source_rows=7, mirror_rows=7, agrees=True, after_load=True, hash_agrees=True
        )


@pytest.fixture
def sent(world: World) -> None:
    """Salesforce confirmed every figure of Kestrel and holds it."""
    fields = hub().push.fields
    values = current_values([KESTREL], fields, AS_OF)[KESTREL]
    texts: dict[str, Any] = {name: None if value is None else str(value) for name, value in values.items()}
    LiveRead.objects.create(organization="00D", fields=[f"{name} double 2" for name in texts], cursor=timezone.now())
    LiveAccount.objects.create(account=KESTREL, organization="00D", values=texts)
    for name, text in texts.items():
        PushedValue.objects.create(account=KESTREL, field=name, value=text, acknowledged_at=timezone.now())


def test_it_is_green_when_all_three_agree(world: World, cast: Cast, compared: None, sent: None) -> None:
    trust = trust_of(cast, world)
    assert (trust.state, trust.erp_state, trust.salesforce.state) == ("green", "green", "green")
    assert trust.salesforce.agreeing == trust.salesforce.compared == len(hub().push.fields)
    assert all(kind.erp.whole for kind in trust.kinds)


def test_it_is_amber_when_nothing_was_compared(world: World, cast: Cast) -> None:
    trust = trust_of(cast, world)
    assert (trust.state, trust.erp_state, trust.salesforce.state) == ("amber", "amber", "amber")
    assert "not compared with the ERP yet" in trust.erp_words


def test_it_is_amber_when_the_comparison_is_old_or_rows_wait(world: World, cast: Cast, compared: None) -> None:
    Reconciliation.objects.filter(stream="erp.orders").update(checked_at=timezone.now() - timedelta(hours=2))
    Reconciliation.objects.filter(stream="erp.invoices").update(waiting=2)
    states = {kind.label: (kind.erp.state, kind.erp.words) for kind in trust_of(cast, world).kinds}
    assert states["Orders"][0] == states["Invoices"][0] == "amber"
    assert "long ago" in states["Orders"][1]
    assert "2\u00a0rows wait in quarantine" in states["Invoices"][1]
    assert states["Deliveries"][0] == "green"


@pytest.mark.parametrize(("key", "state"), [("erp:SO-1", "red"), ("erp:K-SO-1", "amber")])
def test_it_is_red_when_a_document_of_this_customer_differs(
    world: World, cast: Cast, compared: None, key: str, state: str
) -> None:
    groups = [{"documents": [{"key": key, "what": "other", "here": {}, "source": {}}]}]
    Reconciliation.objects.filter(stream="erp.orders").update(
        agrees=False, groups=groups, detail="2026-09: 1 EUR more."
    )
    trust = trust_of(cast, world)
    assert (trust.kinds[0].erp.state, trust.erp_state) == (state, state)
    assert "2026-09: 1 EUR more." in trust.erp_words
    page = cast.administrator.get(reverse("customers:detail", args=(world.kestrel.pk,))).content.decode()
    assert reverse("reconciliation_stream", args=("erp.orders",)) in page


def test_a_value_edited_in_salesforce_or_refused_is_red(world: World, cast: Cast, compared: None, sent: None) -> None:
    live = LiveAccount.objects.get(account=KESTREL)
    live.values[FIELD] = "1.00"
    live.save()
    trust = trust_of(cast, world)
    (line,) = [line for line in trust.salesforce.lines if line.state != "green"]
    assert (line.state, line.seen, line.words) == ("red", "1.00", "changed in Salesforce")
    assert (trust.state, trust.salesforce.agreeing) == ("red", len(hub().push.fields) - 1)
    PushedValue.objects.filter(field=FIELD).update(last_error="FIELD_INTEGRITY_EXCEPTION")
    lines = trust_of(cast, world).salesforce.lines
    assert "FIELD_INTEGRITY_EXCEPTION" in {line.words for line in lines}


def test_a_figure_that_has_just_moved_is_amber_and_one_that_stayed_away_is_red(
    world: World, cast: Cast, compared: None, sent: None
) -> None:
    rollups = CustomerRollup.objects.filter(customer=world.kestrel)
    rollups.update(overdue_amount=5, computed_at=timezone.now())
    assert trust_of(cast, world).state == "amber"
    rollups.update(computed_at=timezone.now() - timedelta(hours=9))
    assert trust_of(cast, world).state == "red"


def test_every_page_of_a_customer_ends_with_the_bar(world: World, cast: Cast) -> None:
    names = ("detail", "orders", "deliveries", "invoices", "payments", "opportunities", "contacts", "not_converted")
    urls = [reverse(f"customers:{name}", args=(world.kestrel.pk,)) for name in names]
    urls.append(reverse("customers:figure", args=(world.kestrel.pk, "revenue_ytd")))
    for url in urls:
        assert '<details class="card trust">' in cast.owner.get(url).content.decode(), url


def test_account_managers_get_no_link_to_pages_they_may_not_open(world: World, cast: Cast, compared: None) -> None:
    page = cast.owner.get(reverse("customers:detail", args=(world.kestrel.pk,))).content.decode()
    assert "/reconciliation/" not in page
