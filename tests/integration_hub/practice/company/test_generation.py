"""The demo company's books: repeatable, consistent to the cent, with every case and story that the demo promises."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from stdnum.de import vat as germany

from integration_hub.practice.company.accounts import plan_accounts
from integration_hub.practice.company.firms import AURELIA, firms
from integration_hub.practice.company.generation import DemoCompany, generate
from integration_hub.practice.company.stories import STORIES

SEED = 360
DAYS = (date(2026, 11, 23), date(2027, 1, 1))


@cache
def generated(today: date) -> DemoCompany:
    """Made once per worker, in whatever order tests ask for the two days; none of them changes it."""
    return generate(SEED, 1, today)


@pytest.fixture(params=DAYS, ids=str)
def company(request):
    return generated(request.param)


@pytest.fixture
def sold(company):
    """Net revenue of a customer between two numbers of days ago, by its name."""
    numbers = {firm.name: firm.number for firm in company.firms}

    def between(name, far, near=0):
        first, last = company.today - timedelta(days=far), company.today - timedelta(days=near)
        return sum(
            each.net_total
            for books in company.books.values()
            for each in books.bill
            if each.debtor_no == numbers[name] and first < each.bill_date <= last and each.state not in {"VO", "EN"}
        )

    return between


def overdue_days(company, name):
    """Days after the due date of what a customer has open and overdue."""
    number = next(firm.number for firm in company.firms if firm.name == name)
    return [
        (company.today - each.due_date).days
        for books in company.books.values()
        for each in books.receivable
        if each.debtor_no == number and each.open_amount > 0 and each.due_date and each.due_date < company.today
    ]


def rows(company, table):
    return [row for books in company.books.values() for row in getattr(books, table)]


@pytest.mark.parametrize("company", DAYS[:1], indirect=True, ids=str)
def test_the_same_seed_and_day_make_the_same_company(company):
    again = generate(SEED, 1, company.today)
    assert again.books == company.books
    assert again.rates.rows == company.rates.rows


@pytest.mark.parametrize("company", DAYS[:1], indirect=True, ids=str)
def test_another_seed_makes_another_company(company):
    assert generate(SEED + 1, 1, DAYS[0]).books != company.books


def test_the_size_is_that_of_a_firm_with_forty_million_of_revenue(company):
    assert 240 <= len(company.firms) <= 270
    year = company.today - timedelta(days=365)
    revenue = {
        number: sum(
            bill.net_total * (bill.rate or 0) for bill in books.bill
            if bill.bill_date > year and bill.state not in {"VO", "EN"} and bill.doc_type != "AZ"
        )
        for number, books in company.books.items()
    }  # fmt: skip
    assert 20_000_000 < revenue["10"] < 32_000_000
    assert 12_000_000 < revenue["20"] < 22_000_000


def test_nothing_lies_in_the_future_but_plans_and_due_dates(company):
    today = company.today
    assert max(order.order_date for order in rows(company, "sales_order")) <= today
    assert max(each.shipped_date for each in rows(company, "shipment") if each.shipped_date) <= today
    assert max(bill.bill_date for bill in rows(company, "bill")) <= today
    assert max(each.receipt_date for each in rows(company, "receipt")) <= today
    assert max(each.settled_date for each in rows(company, "settlement")) <= today
    assert max(each.changed_at.date() for each in rows(company, "bill")) <= today
    assert min(order.order_date for order in rows(company, "sales_order")) < today - timedelta(days=3 * 365)


def test_lines_add_up_to_their_documents(company):
    for head, line, key in (("sales_order", "sales_order_item", "order_no"), ("bill", "bill_item", "bill_no")):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for each in rows(company, line):
            sums[getattr(each, key)] += each.net
        assert {getattr(each, key): each.net_total for each in rows(company, head)} == dict(sums)


def test_receivables_add_up_to_their_bills_and_open_is_what_is_not_settled(company):
    settled: dict[str, Decimal] = defaultdict(Decimal)
    claimed: dict[str, Decimal] = defaultdict(Decimal)
    for each in rows(company, "settlement"):
        settled[each.receivable_no] += each.amount
    for each in rows(company, "receivable"):
        claimed[each.bill_no] += each.amount
        assert each.open_amount == each.amount - settled[each.receivable_no]
    for bill in rows(company, "bill"):
        assert claimed.get(bill.bill_no, Decimal(0)) == (Decimal(0) if bill.state in {"VO", "EN"} else bill.gross_total)


def test_every_receipt_is_allocated_or_stands_on_account(company):
    used: dict[str, Decimal] = defaultdict(Decimal)
    for each in rows(company, "settlement"):
        assert bool(each.receipt_no) != bool(each.credit_no)
        used[each.receipt_no] += each.amount
    for each in rows(company, "receipt"):
        assert each.amount == used[each.receipt_no] + each.unallocated


def test_a_reversal_and_what_it_reverses_net_to_zero(company):
    bills = {bill.bill_no: bill for bill in rows(company, "bill")}
    reversals = [bill for bill in bills.values() if bill.reverses_no]
    assert reversals
    for each in reversals:
        assert bills[each.reverses_no].state == "ST"
        assert bills[each.reverses_no].net_total == -each.net_total


def test_nothing_is_delivered_that_was_not_ordered_nor_billed_that_was_not_delivered(company):
    ordered = {(each.order_no, each.pos): each.qty for each in rows(company, "sales_order_item")}
    shipped_on = {each.shipment_no: each.shipped_date for each in rows(company, "shipment")}
    delivered: Counter[Any] = Counter()
    billed: Counter[Any] = Counter()
    void = {bill.bill_no for bill in rows(company, "bill") if bill.state == "VO"}
    for each in rows(company, "shipment_item"):
        if each.order_pos and shipped_on[each.shipment_no]:
            delivered[each.order_no, each.order_pos] += each.qty
    for each in rows(company, "bill_item"):
        if each.order_pos and each.bill_no not in void:
            billed[each.order_no, each.order_pos] += each.qty
    assert all(quantity <= ordered[line] for line, quantity in delivered.items())
    assert all(quantity <= delivered[line] for line, quantity in billed.items())


def test_numbers_follow_the_calendar(company):
    for books in company.books.values():
        days = [order.order_date for order in sorted(books.sales_order, key=lambda each: int(each.order_no))]
        assert days == sorted(days)


def test_every_case_of_an_erp_occurs(company):
    orders, bills = rows(company, "sales_order"), rows(company, "bill")
    assert {order.state for order in orders} == {"05", "10", "20", "30", "35", "70", "90"}
    assert {bill.doc_type for bill in bills} == {"RE", "GU", "ST", "AZ"}
    assert {bill.state for bill in bills} >= {"OP", "TZ", "BZ", "ST", "VO"}
    assert {bill.currency for bill in bills} == {"EUR", "USD", "GBP", "CHF", "JPY"}
    assert any(bill.rate is None for bill in bills)
    shipments = rows(company, "shipment")
    assert {each.state for each in shipments} == {"S", "K", "P"}
    assert any(each.is_return for each in shipments)
    parts = Counter(each.order_no for each in shipments if not each.is_return)
    assert 0.1 < sum(count > 1 for count in parts.values()) / len(parts) < 0.3
    late = [each for each in shipments if each.shipped_date and each.shipped_date > each.planned_date]
    assert 0.05 < len(late) / len(shipments) < 0.3
    receivables = rows(company, "receivable")
    assert any(each.disputed and each.open_amount > 0 for each in receivables)
    assert any(each.due_date is None for each in receivables)
    assert any(each.open_amount < 0 for each in receivables)
    assert any(each.promised_date for each in receivables)
    assert max(Counter(each.bill_no for each in receivables).values()) == 3
    assert any(each.unallocated for each in rows(company, "receipt"))
    assert any(0 < each.open_amount < each.amount for each in receivables)


def test_the_accounts_have_every_kind_of_link_and_trouble(company):
    plan = plan_accounts(SEED, company.firms, company.today)
    names = [account.name for account in plan.accounts]
    assert len(names) == len(set(names))
    numbers = [account.erp_number for account in plan.accounts if account.erp_number]
    assert len(numbers) == len(set(numbers))
    known = {firm.number for firm in company.firms}
    without = known - set(numbers) - set(plan.crm)
    stated = {account.name: account.stated.get("VAT_Number__c") for account in plan.accounts}
    by_vat = [firm for firm in company.firms if firm.number in without and firm.name in stated]
    assert (len(without), len(by_vat)) == (13, 4)
    assert all(stated[firm.name] == firm.vat and germany.is_valid(firm.vat) for firm in by_vat)
    assert sum(account.type == "Prospect" for account in plan.accounts) >= 30
    owner_of = {account.erp_number: account.name for account in plan.accounts if account.erp_number}
    conflicts = [
        number for number, account in plan.crm.items()
        if owner_of.get(number, account) != account and account not in {loser for _, loser in plan.merges}
    ]  # fmt: skip
    assert len(conflicts) == 2
    aurelia = {firm.number for firm in company.firms if firm.name in AURELIA}
    assert {plan.crm[number] for number in aurelia} == {AURELIA[0]}
    assert {firm.company for firm in company.firms if firm.name in AURELIA} == {"10", "20"}
    assert (len(plan.merges), len(plan.deleted)) == (1, 1)
    parents = {account.name: account.parent for account in plan.accounts if account.parent}
    assert parents[AURELIA[0]] == "Aurelia Holding SE"
    assert set(parents.values()) <= set(names)
    stages = Counter(deal.stage for deal in plan.opportunities)
    assert stages["Closed Won"] > 100
    assert stages["Closed Lost"] > 50
    assert sum(count for stage, count in stages.items() if not stage.startswith("Closed")) > 100


def test_every_story_names_a_customer(company):
    assert {story.name for story in STORIES} == {firm.name for firm in company.firms if firm.story}


def test_the_champion_slows_down(sold):
    assert sold("Brennfeld Antriebstechnik GmbH", 120) < sold("Brennfeld Antriebstechnik GmbH", 485, 365) / 2


def test_the_good_payer_is_late_by_more_than_a_month(company):
    assert max(overdue_days(company, "Lindqvist Marin AB")) > 30
    assert len(overdue_days(company, "Lindqvist Marin AB")) >= 3


def test_the_newcomer_grows_fast(sold):
    assert sold("Cascade Robotics Inc.", 1200, 310) == 0
    assert sold("Cascade Robotics Inc.", 100) > 2 * sold("Cascade Robotics Inc.", 300, 200) > 0


def test_the_customer_at_its_limit_has_nearly_all_of_it_open(company):
    debtor = next(each for each in company.books["10"].debtor if each.name == "Ferrovia Meccanica S.p.A.")
    left = sum(each.open_amount for each in company.books["10"].receivable if each.debtor_no == debtor.debtor_no)
    assert Decimal("0.93") < left / debtor.credit_limit <= 1


def test_the_lost_customer_buys_nothing_any_more(sold):
    assert sold("Okafor & Hale Ltd", 1000, 365) > 300_000
    assert sold("Okafor & Hale Ltd", 90) == 0


def test_the_dispute_is_open(company):
    number = next(firm.number for firm in company.firms if firm.name == "Van der Meer Pompen B.V.")
    disputed = [each for each in company.books["10"].receivable if each.debtor_no == number and each.disputed]
    assert disputed
    assert all(each.open_amount > 0 and each.note for each in disputed)


def test_the_customer_on_hold_has_orders_on_hold(company):
    number = next(firm.number for firm in company.firms if firm.name == "Norrland Hydraulik AB")
    held = [order for order in company.books["10"].sales_order if order.debtor_no == number and order.state == "70"]
    assert held
    assert all(order.hold_text for order in held)


def test_the_badly_served_customer_gets_half_of_its_deliveries_late(company):
    number = next(firm.number for firm in company.firms if firm.name == "Baltic Shipyard Sp. z o.o.")
    mine = [each for each in company.books["10"].shipment if each.debtor_no == number and each.shipped_date]
    assert 0.4 < sum(each.shipped_date > each.planned_date for each in mine) / len(mine) < 0.7


def test_the_season_is_spring(company):
    number = next(firm.number for firm in company.firms if firm.name.startswith("Alpenfrost"))
    months = Counter(order.order_date.month for order in company.books["10"].sales_order if order.debtor_no == number)
    assert sum(months[month] for month in (3, 4, 5, 6, 7)) > 0.6 * months.total()


def test_a_larger_scale_has_more_customers_with_names_of_their_own():
    found = firms(SEED, 20, DAYS[0])
    assert len(found) > 4_800
    assert len({firm.name for firm in found}) == len(found)
    assert len({firm.number for firm in found}) == len(found)
