"""Every figure on every page opens the documents that make it, to the cent: any data, any day, alone or as a group."""

from datetime import timedelta

import pytest

from customers.measures import MEASURES
from customers.models import Customer
from customers.templatetags.proof import exact
from integration_hub.models import SfAccount
from tests.customers.pages.conftest import Cast, World, signed_in
from tests.customers.pages.crawler import Crawler, address, pages_of, same
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY

LEAST_FIGURES = 20


def crawl(crawler: Crawler, customer: Customer, **query: str) -> int:
    return sum(crawler.follow(page) for page in pages_of(customer, **query))


def test_every_figure_of_the_small_company_opens_what_makes_it(world: World, cast: Cast) -> None:
    crawler = Crawler(cast.administrator)
    assert crawl(crawler, world.kestrel) > LEAST_FIGURES
    # A prospect has nothing in the ERP yet: its page says so instead of showing zeros.
    assert crawler.follow(address(world.prospect, "detail")) == 0


def test_every_figure_of_the_customer_list_and_the_reports_opens_what_makes_it(world: World, cast: Cast) -> None:
    crawler = Crawler(cast.administrator)
    for page in ("/customers/", "/reports/receivables/", "/reports/segmentation/"):
        assert crawler.follow(page) > 10, page


@pytest.mark.timeout(500)
@pytest.mark.parametrize("seed", [7])
def test_every_figure_of_a_random_company_opens_what_makes_it_also_together_and_on_a_past_day(figures, seed):
    company = RandomCompany(figures, seed)
    _as_one_group(company)
    past = DAY - timedelta(days=130)
    figures.roll_up(past)
    figures.roll_up()
    figures.roll_up(past, current=False)
    crawler = Crawler(signed_in("otto", "Administrators"))
    top = figures.of(company.accounts[0])
    crawl(crawler, top)
    for query in ({"group": "1"}, {"as_of": past.isoformat()}, {"as_of": past.isoformat(), "group": "1"}):
        assert crawler.follow(address(top, "detail", **query)) > LEAST_FIGURES
    assert crawler.followed >= {"revenue_ytd", "overdue_amount", "open_amount", "open_orders_amount", "total"}


@pytest.mark.parametrize("seed", [9])
def test_every_measure_of_a_random_company_opens_what_makes_it(figures, seed):
    company = RandomCompany(figures, seed)
    figures.roll_up()
    crawler = Crawler(signed_in("otto", "Administrators"))
    for account in company.accounts[:1]:
        customer = figures.of(account)
        rollup = figures.figures(account)
        for name, measure in MEASURES.items():
            crawler.follow(address(customer, "figure", name))
            (total,) = crawler.open(address(customer, "figure", name)).totals
            assert same(total["data-total"], exact(measure.value(rollup))), name


def _as_one_group(company: RandomCompany) -> None:
    """The second account below the first, the others below the second."""
    keys = [account.key for account in company.accounts]
    SfAccount.objects.filter(key=keys[1]).update(parent=keys[0])
    SfAccount.objects.filter(key__in=keys[2:]).update(parent=keys[1])
