"""Another currency, a calendar of weeks and a choice of companies hold on every page, report, export and push."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from customers.models import CustomerRollup
from customers.publishing import recompute_all
from customers.push_values import current_values
from integration_hub.config import PushField
from integration_hub.models import ErpCompany, ErpCurrencyRate, ErpInvoice
from tests.customers.conftest import configured
from tests.customers.pages.conftest import Cast, World, signed_in
from tests.customers.pages.crawler import Crawler, address, pages_of
from tests.customers.pages.test_every_url import address as url_of
from tests.customers.pages.url_table import TABLE
from tests.customers.pages.world import AS_OF, KESTREL, mirrored
from tests.customers.random_company import RandomCompany
from tests.customers.test_company_filter import of_two_companies
from tests.customers.world import DAY

# Beside its own foot such a page shows no document in a currency of its own.
ADDED_UP = ("customers:home", "customers:list", "customers:attention", "reports:segmentation")


def changed_configuration(path: Path, **company: str) -> str:
    """hub.toml with other lines in [company], as TOML writes their values; its path."""
    text = Path(project.HUB_CONFIG).read_text(encoding="utf-8")
    for name, value in company.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
        text = text.replace(line, f"{name} = {value}", 1)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_every_figure_opens_what_makes_it_in_another_currency_calendar_and_company(
    figures: Any, tmp_path: Path
) -> None:
    company = RandomCompany(figures, 7)
    of_two_companies()
    figures.company("10")
    past = DAY - timedelta(days=130)
    weeks = {"fiscal_year_start": 2, "calendar": "4-5-4", "year_end": "nearest"}
    with configured(tmp_path, reporting_currency="USD", companies=["erp:10"], **weeks):
        figures.roll_up(past)
        figures.roll_up()
        crawler = Crawler(signed_in("otto", "Administrators"))
        top = figures.of(company.accounts[0])
        for page in pages_of(top):
            crawler.follow(page)
        assert crawler.follow(address(top, "detail", as_of=past.isoformat())) > 10
        assert crawler.follow("/customers/") > 5
        assert crawler.followed >= {"revenue_ytd", "revenue_last_year", "overdue_amount", "open_amount", "total"}


@pytest.fixture
def in_francs(world: World, cast: Cast, tmp_path: Path, settings: Any) -> World:
    """The small company after its reporting currency became the franc, not recomputed yet."""
    cache.clear()
    mirrored(ErpCurrencyRate, "erp:EUR/CHF", currency="EUR", base="CHF", valid_from="2000-01-01", rate="0.95")
    settings.HUB_CONFIG = changed_configuration(tmp_path / "hub.toml", reporting_currency='"CHF"')
    return world


def test_until_all_is_recomputed_no_page_shows_a_figure_and_each_says_why(in_francs: World, cast: Cast) -> None:
    client = cast.administrator
    for name in TABLE:
        if not name.startswith(("customers:", "reports:")):
            continue
        answer = client.get(url_of(in_francs, name))
        if answer.status_code == 503:
            assert answer["Retry-After"] == "60"
        if answer["Content-Type"].startswith("text/html") and answer.status_code in {200, 503}:
            assert "The figures are being recomputed" in answer.text, name
            assert 'class="tile-value"' not in answer.text, name
    for name in (
        "customers:detail",
        "customers:invoices",
        "customers:figure",
        "customers:invoice",
        "customers:statement",
    ):
        assert client.get(url_of(in_francs, name)).status_code == 503, name


def test_every_page_report_export_and_push_names_the_new_currency(in_francs: World, cast: Cast) -> None:
    euros = dict(CustomerRollup.objects.values_list("customer", "revenue_12m"))
    recompute_all(AS_OF, current=True)
    cache.clear()
    for customer, revenue in CustomerRollup.objects.values_list("customer", "revenue_12m"):
        assert abs(revenue - euros[customer] * 95 / 100) < 1
    walked = 0
    for name in TABLE:
        if not name.startswith(("customers:", "reports:")):
            continue
        answer = cast.administrator.get(url_of(in_francs, name))
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            assert "CHF" in answer.text, name
            if name in ADDED_UP:
                assert "€" not in answer.text, name
            walked += 1
    assert walked > 25
    tiles = cast.administrator.get(url_of(in_francs, "customers:detail")).text.split('class="tile-value"')[1:]
    assert len(tiles) == 6
    assert not any("€" in tile.partition("</a>")[0] for tile in tiles)
    fields = [PushField(field="Revenue__c", measure="revenue_12m"), PushField(field="Currency__c", measure="currency")]
    revenue = CustomerRollup.objects.get(customer=in_francs.kestrel).revenue_12m
    assert revenue > 0
    assert current_values([KESTREL], fields, AS_OF) == {KESTREL: {"Revenue__c": revenue, "Currency__c": "CHF"}}


def test_exports_say_in_which_currency_of_which_year_and_of_which_companies(
    world: World, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    mirrored(ErpCompany, "erp:20", code="20", name="Northgate Valves", currency="EUR")
    settings.HUB_CONFIG = changed_configuration(
        tmp_path / "hub.toml", companies='["erp:10", "erp:20"]', calendar='"4-4-5"', fiscal_year_start="10"
    )
    recompute_all(AS_OF, current=True)
    cache.clear()
    csv = _body(cast.analyst, reverse("reports:export", args=["segmentation", "csv"]))
    assert "EUR" in csv.decode("utf-8-sig")
    with zipfile.ZipFile(
        io.BytesIO(_body(cast.analyst, reverse("reports:export", args=["segmentation", "xlsx"])))
    ) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "Northgate Components, Northgate Valves" in text
    assert "2026/27, 2026-09-27 to 2027-09-25" in text


def test_lists_hold_what_counts_and_say_how_much_is_left_out(
    world: World, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    mirrored(ErpCompany, "erp:20", code="20", name="Northgate Valves", currency="EUR")
    invoices = ErpInvoice.objects.filter(customer="erp:104233")
    invoices.update(company="erp:10")
    invoices.filter(key="erp:F-1").update(company="erp:20")
    settings.HUB_CONFIG = changed_configuration(tmp_path / "hub.toml", companies='["erp:10"]')
    recompute_all(AS_OF, current=True)
    cache.clear()
    rollup = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF)
    assert rollup.invoice_count == invoices.count() - 1
    text = cast.owner.get(url_of(world, "customers:invoices")).text.replace("\xa0", " ")
    assert f"Only documents of Northgate Components are listed and counted. {rollup.left_out_count} documents" in text
    assert reverse("customers:invoice", args=["erp:F-1"]) not in text
    assert "of documents of Northgate Components only" in text
    other = cast.owner.get(url_of(world, "customers:invoice")).text
    assert "Not counted in any figure or list" in other
    assert "this one is of Northgate Valves" in other


def test_weeks_say_how_many_they_are(world: World, cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.HUB_CONFIG = changed_configuration(tmp_path / "hub.toml", calendar='"4-4-5"')
    recompute_all(AS_OF, current=True)
    cache.clear()
    text = cast.owner.get(url_of(world, "customers:detail")).text.replace("\xa0", " ")
    assert "Months are calendar months. They do not add up to the fiscal year, which is made of weeks: " in text
    assert "(52 weeks)" in text
    assert "28 Dec 2025 to 23 Nov 2026 against 29 Dec 2024 to 24 Nov 2025 (47 weeks and 2 days)" in text


def _body(client: Client, address: str) -> bytes:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
