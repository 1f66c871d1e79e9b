"""The credit limit that the home page warns of is on the customer's own pages too, by one rule, in its currency."""

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import CustomerRollup
from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer, ErpOpenItem
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, mirrored

KEY = "erp:104233"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def limited(world: World) -> World:
    """Kestrel owes 39,966 dollars of a limit of 30,000, and nothing else."""
    ErpOpenItem.objects.filter(customer=KEY).delete()
    mirrored(
        ErpOpenItem,
        "erp:USD-1",
        customer_id=KEY,
        number="USD-1",
        currency="USD",
        amount=Decimal(39966),
        open_amount=Decimal(39966),
        issued_on=AS_OF - timedelta(days=20),
        due_on=AS_OF + timedelta(days=10),
        dated_allocations=False,
    )
    ErpCustomer.objects.filter(key=KEY).update(credit_limit=Decimal(30000), currency="USD")
    recompute_all(AS_OF, current=True)
    return world


def page_of(client: Client, name: str, world: World, **query: str) -> str:
    answer = client.get(reverse(f"customers:{name}", args=(world.kestrel.pk,)), query)
    assert answer.status_code == 200
    return answer.text


def test_a_limit_in_another_currency_is_told_wherever_the_home_page_warns_of_it(limited: World, cast: Cast) -> None:
    stored = CustomerRollup.objects.get(customer=limited.kestrel, as_of=AS_OF)
    assert stored.credit_used == Decimal("1.3322")
    url = reverse("customers:erp_customers", args=(limited.kestrel.pk,))
    home = cast.owner.get(reverse("customers:attention"), {"reason": "credit"}).text
    assert "133% of its credit limit is used, the limit is $30,000" in home
    assert f'href="{url}"' in home
    for name in ("detail", "pre_call"):
        text = page_of(cast.owner, name, limited)
        assert "$9,966 above the credit limit" in text, name
        assert "$39,966 is open, the limit in the ERP is $30,000." in text, name
        assert f'href="{url}"' in text, name
    assert "133% of $30,000" in page_of(cast.owner, "detail", limited)
    numbers = page_of(cast.owner, "erp_customers", limited)
    assert all(text in numbers for text in ("$30,000", "$39,966.00", "133%"))


def test_a_use_far_from_the_limit_is_told_and_no_warning(limited: World, cast: Cast) -> None:
    ErpCustomer.objects.filter(key=KEY).update(credit_limit=Decimal(100000))
    recompute_all(AS_OF, current=True)
    text = page_of(cast.owner, "detail", limited)
    assert "40% of $100,000" in text
    assert "credit limit is used" not in text
    assert "credit limit" not in page_of(cast.owner, "pre_call", limited)


def test_what_is_owed_in_a_second_currency_is_said_beside_and_not_added(limited: World, cast: Cast) -> None:
    ErpOpenItem.objects.filter(key="erp:USD-1").update(currency="JPY", reporting_rate=None)
    recompute_all(AS_OF, current=True)
    assert CustomerRollup.objects.get(customer=limited.kestrel, as_of=AS_OF).credit_used is None
    text = page_of(cast.owner, "erp_customers", limited)
    assert "$0.00" in text
    assert "without what is owed in other currencies" in text


def test_of_several_limits_the_highest_share_is_told_with_its_number(limited: World, cast: Cast) -> None:
    link = ErpCustomer.objects.get(key=KEY)
    account = limited.kestrel.account
    mirrored(
        ErpCustomer,
        "erp:104299",
        number="104299",
        name="Kestrel Two",
        salesforce_account=account,
        currency="EUR",
        credit_limit=Decimal(500),
    )
    recompute_all(AS_OF, current=True)
    text = page_of(cast.owner, "detail", limited)
    assert f"133% of $30,000 ({link.number})" in text
    assert f"$39,966 of ERP customer {link.number} is open, the limit in the ERP is $30,000." in text


def test_a_reader_from_whom_limits_are_hidden_reads_nothing_of_them(
    limited: World, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    path.write_text(f'{path.read_text(encoding="utf-8")}credit_limit = ["account_manager"]\n', encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    for name in ("detail", "pre_call", "erp_customers"):
        assert "30,000" not in page_of(cast.owner, name, limited), name
