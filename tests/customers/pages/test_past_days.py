"""A past day shows what was shown that day, says so plainly, and a copied link proves a figure later."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from customers.models import Customer, CustomerRollup
from integration_hub.models import ErpCustomer, ErpOpenItem, ErpOrder, ErpOrderLine
from reports.asking import read_question
from reports.catalogue import get_report
from tests.customers.pages.conftest import signed_in
from tests.customers.pages.crawler import Crawler, address
from tests.customers.world import DAY, World, ago

BEFORE = DAY - timedelta(days=1)


@pytest.fixture
def administrator(db: None) -> Client:
    return signed_in("otto", "Administrators")


@pytest.fixture
def customer(figures: World) -> Customer:
    """A customer of yesterday: an order half delivered, invoices open and overdue, one in dollars, one undated."""
    acme = figures.linked("Acme", "100")
    figures.rate("USD", "0.90", ago(200))
    figures.rate("USD", "0.95", ago(20))
    order = figures.order(acme, "1000.00", ago(40), promised_on=ago(10))
    line = figures.order_line(order, 10, "1000.00")
    figures.delivery_line(figures.delivery(acme, ago(30), order=order), line, 4)
    for days, net, currency in (
        (100, "500.00", "EUR"),
        (60, "300.10", "USD"),
        (15, "200.05", "USD"),
        (400, "70", "EUR"),
    ):
        invoice = figures.invoice(acme, net, ago(days), currency=currency)
        figures.item(acme, net, ago(days), ago(days - 30), invoice=invoice, currency=currency)
    figures.item(acme, "80.00", ago(50), ago(20), key="erp:undated", dated_allocations=False, open_amount=Decimal(80))
    figures.roll_up(BEFORE)
    return figures.of(acme)


def today_comes(figures: World, *, undated_open: int = 0) -> None:
    """Payments, a delivery and an invoice of today; the undated item is found settled; then the day changes."""
    acme = ErpCustomer.objects.get()
    for item in ErpOpenItem.objects.filter(dated_allocations=True):
        figures.pay(item, str(item.amount), DAY)
    ErpOpenItem.objects.filter(key="erp:undated").update(open_amount=Decimal(undated_open))
    figures.invoice(acme, "44.00", DAY)
    order, line = ErpOrder.objects.get(), ErpOrderLine.objects.get()
    figures.delivery_line(figures.delivery(acme, DAY, order=order), line, 6)
    figures.roll_up()


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def own(crawler: Crawler, url: str) -> list[tuple[str, str]]:
    """The figures of a page without the bar at its end, which always speaks of now."""
    return sorted((name, value) for name, value, _link in crawler.open(url).figures)


def test_a_past_day_shows_what_the_page_showed_that_day(figures: World, customer: Customer, administrator: Client):
    shown = own(Crawler(administrator), address(customer, "detail"))
    today_comes(figures)
    crawler = Crawler(administrator)
    url = address(customer, "detail", as_of=BEFORE.isoformat())
    assert own(crawler, url) == shown
    assert own(crawler, address(customer, "detail")) != shown


def test_an_item_that_was_paid_since_is_open_at_the_past_day_and_its_rows_still_add_up(
    figures, customer, administrator
):
    today_comes(figures, undated_open=80)
    crawler = Crawler(administrator)
    assert crawler.follow(address(customer, "detail", as_of=BEFORE.isoformat())) > 15
    (total,) = crawler.open(address(customer, "figure", "overdue_amount", as_of=BEFORE.isoformat())).totals
    assert Decimal(total["data-total"]) == Decimal(500) + Decimal("270.09") + Decimal(70) + Decimal(80)


def test_a_past_page_is_plainly_marked_and_every_link_of_the_customer_keeps_the_day(figures, customer, administrator):
    today_comes(figures)
    for name in ("detail", "orders", "invoices", "contacts", "not_converted"):
        text = page(administrator, address(customer, name, as_of=BEFORE.isoformat()))
        assert "As it stood on 9 Feb 2026" in text, name
        assert "as of 9 Feb 2026 · Customer 360</title>" in text, name
        text = re.sub(r'<details class="card trust".*?</details>', "", text, flags=re.DOTALL)
        links = set(re.findall(rf'href="(/customers/{customer.pk}/[^"]*)"', text))
        # Who opened the customer is of no day.
        other_day = {link for link in links if "as_of=2026-02-09" not in link and not link.endswith("/views/")}
        assert len(links) > len(other_day), name
        assert other_day == {address(customer, name)}, name


def test_the_picker_offers_the_stored_days_and_leads_to_the_neighbours(figures, customer, administrator):
    today_comes(figures)
    text = page(administrator, address(customer, "invoices", show="open"))
    assert 'type="date"' in text
    assert 'name="show" value="open"' in text
    assert re.search(r'rel="prev" href="[^"]*show=open&as_of=2026-02-09"', text)
    past = page(administrator, address(customer, "invoices", show="open", as_of=BEFORE.isoformat()))
    assert re.search(rf'rel="next" href="/customers/{customer.pk}/invoices/\?show=open"', past)
    assert "status is that of now" in past


def test_a_day_without_figures_says_so_and_a_figure_of_it_is_not_replaced(customer, administrator):
    text = page(administrator, address(customer, "detail", as_of="2020-01-05"))
    assert "No figures of 5 Jan 2020" in text
    for asked, words in (("2020-01-05", "5 Jan 2020"), ("nonsense", "“nonsense”")):
        answer = administrator.get(address(customer, "figure", "revenue_ytd", as_of=asked))
        assert answer.status_code == 404
        assert f"No figures are stored for {words}" in unescape(answer.content.decode()).replace("\u00a0", " ")


def evidence_of(client: Client, customer: Customer, measure: str, **query: str) -> str:
    link: str = client.get(address(customer, "figure", measure, **query)).context["proof"].link
    assert link.startswith("http://testserver/customers/")
    assert "as_of=" in link
    return link.removeprefix("http://testserver")


def test_a_copied_link_shows_the_same_figure_later_and_says_where_documents_moved_on(figures, customer, administrator):
    link = evidence_of(administrator, customer, "overdue_amount")
    stored = CustomerRollup.objects.get(customer=customer, as_of=BEFORE).overdue_amount
    today_comes(figures)
    answer = administrator.get(link)
    proof = answer.context["proof"]
    assert proof.value == stored
    assert proof.still
    assert proof.evidence.total == stored - 80
    assert proof.evidence.difference == 80
    assert proof.undated == 0
    text = unescape(answer.content.decode())
    assert "The figure is the one that was copied" in text
    assert "no longer make the stored figure" in text


def test_a_link_to_a_figure_that_was_computed_again_says_what_it_was(figures, customer, administrator):
    link = evidence_of(administrator, customer, "revenue_ytd")
    figures.invoice(ErpCustomer.objects.get(), "11.00", ago(5))
    figures.roll_up(BEFORE)
    proof = administrator.get(link).context["proof"]
    assert not proof.still
    assert Decimal(proof.seen.value) + 11 == proof.value
    assert "another one when this link was copied" in page(administrator, link)


def test_a_link_that_was_tampered_with_proves_nothing(customer, administrator):
    link = evidence_of(administrator, customer, "revenue_ytd")
    other = evidence_of(administrator, customer, "revenue_12m")
    wrong = (link[:-1] + ("A" if link[-1] != "A" else "B"), link.replace("revenue_ytd", "revenue_12m"))
    for changed in wrong:
        assert "This link was changed after it was copied" in page(administrator, changed)
    assert "The figure is the one that was copied" in page(administrator, other)


def test_a_copied_link_opens_for_nobody_who_may_not_see_the_customer(customer, administrator):
    link = evidence_of(administrator, customer, "revenue_ytd")
    assert signed_in("ben", "Account managers", "ben@example.com").get(link).status_code == 404


def test_the_proof_of_a_sum_names_currencies_rates_and_their_days(customer, administrator):
    proof = administrator.get(address(customer, "figure", "revenue_12m")).context["proof"]
    own_currency, dollars = proof.evidence.conversions
    assert (own_currency.currency, own_currency.count, own_currency.counted) == ("EUR", 1, 500)
    assert (dollars.currency, dollars.count, dollars.amount) == ("USD", 2, Decimal("500.15"))
    assert (dollars.lowest, dollars.highest) == (Decimal("0.90"), Decimal("0.95"))
    assert (dollars.first_rate_on, dollars.last_rate_on) == (ago(200), ago(20))
    assert dollars.counted == Decimal("270.09") + Decimal("190.05")
    assert proof.formula[-1].replace("\u00a0", " ") == "€500.00 + €460.14 = €960.14."


def test_the_proof_of_a_ratio_writes_the_division_out(customer, administrator):
    proof = administrator.get(address(customer, "figure", "dso")).context["proof"]
    division, rounding = (step.replace("\u00a0", " ") for step in proof.formula)
    assert re.fullmatch(r"€[\d,.]+ ÷ €960\.14 × 365 = [\d,.]+…?", division)
    assert rounding.startswith("Rounded half up to 1 decimal, once at the end: ")


def test_a_comparison_prints_both_ranges(customer, administrator):
    text = page(administrator, address(customer, "detail"))
    assert "on same days: 1 Jan to 9 Feb, 2026 against 2025" in text
    assert "1 Jan to 9 Feb 2025" in text
    text = page(administrator, address(customer, "figure", "revenue_ytd"))
    assert "1 Jan to 9 Feb 2026" in text
    assert "1 Jan to 9 Feb 2025" in text


def test_a_past_day_tells_of_the_links_of_then_in_its_head_and_in_exports(
    figures: World, administrator: Client
) -> None:
    account = figures.account("Acme Account")
    acme = figures.customer("100", name="Acme GmbH")
    figures.order(acme, "10.00", ago(40))
    figures.invoice(acme, "10.00", ago(40))
    figures.roll_up(BEFORE)
    alone = Customer.objects.get(erp_customer=acme.key)
    account.erp_number = "100"
    account.save()
    figures.publish(as_of=DAY, accounts=[account], changed=["sf_account"], full=True)
    then = {"as_of": BEFORE.isoformat()}
    left = page(administrator, address(alone, "detail", **then))
    assert "Gone from its source" not in left
    assert "left the ERP" not in left
    assert "It was linked to Acme Account after that." in left
    linked = page(administrator, address(figures.of(account), "detail", **then))
    head = linked[: linked.index("prospect-h")]
    assert "No ERP customer was linked to this account on" in head
    assert "/links/erp:100/" not in head, "its ERP number of today is no fact of that day"
    assert not re.search(r'class="pill[^"]*"[^>]*>Customer<', head), "it was none that day"
    assert "/links/erp:100/" in page(administrator, address(figures.of(account), "detail"))
    for day, numbers in ((BEFORE, {"Acme Account": "", "Acme GmbH": "100"}), (DAY, {"Acme Account": "100"})):
        question = read_question(get_report("segmentation"), {}, user=None, as_of=day)
        answer = get_report("segmentation").answer(question)
        place = [column.name for column in answer.columns].index("erp_numbers")
        assert {row.cells[0]: row.cells[place] for row in answer.rows[0:9]} == numbers
