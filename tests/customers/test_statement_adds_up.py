"""A statement adds up to what the receivables say, to the cent, whatever the data and the days."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from customers.measures import get_measure
from customers.models import AccountLink, Customer, CustomerRollup
from customers.pages.open_totals import open_totals
from customers.pages.statement import _outstanding
from customers.pages.statement_ledger import Whose, balances, before, movements
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY, ago

PERIODS = ((400, 0), (100, 30), (700, 300), (60, -60))


def statement_of(customer: Customer) -> Whose:
    keys = AccountLink.objects.filter(customer=customer).values_list("erp_customer", flat=True)
    return Whose(Customer.objects.filter(pk=customer.pk), tuple(keys), "")


@pytest.mark.parametrize("seed", range(2))
def test_opening_balance_and_movements_make_the_balance_of_the_last_day(figures, seed):
    RandomCompany(figures, seed, customers=5)
    figures.roll_up()
    lines = 0
    for customer in Customer.objects.all():
        whose = statement_of(customer)
        for first, last in PERIODS:
            start, end = ago(first), ago(last)
            running: Counter[str] = Counter()
            opening = balances(whose, before(start))
            for movement in movements(whose, start, end):
                assert start <= movement.day <= end
                opening[movement.currency] = (
                    opening.get(movement.currency, Decimal(0)) + movement.debit - movement.credit
                )
                running[movement.currency] += 1
            assert {currency: amount for currency, amount in opening.items() if amount} == balances(whose, end)
            lines += running.total()
    assert lines > 20


def test_what_is_outstanding_is_what_the_receivables_say_today_and_on_a_past_day(figures):
    RandomCompany(figures, 7, customers=8)
    figures.roll_up()
    figures.roll_up(ago(130), current=False)
    seen = 0
    for rollup in CustomerRollup.objects.select_related("customer"):
        customers, day = Customer.objects.filter(pk=rollup.customer_id), rollup.as_of
        accounts = _outstanding(statement_of(rollup.customer), day)
        totals = open_totals(customers, day)
        for account in accounts:
            mine = totals.where(currency=account.currency)
            items = [line for line in account.lines if not line.label.startswith("Payment")]
            assert sum(line.balance for line in items) == mine.amount
            assert account.closing == sum(line.balance for line in account.lines)
            assert account.closing == sum(amount for _, amount in account.aging) + account.credits
            seen += len(items)
        assert {account.currency: account.closing for account in accounts if account.closing} == balances(
            statement_of(rollup.customer), day
        )
        assert totals.owed.counted == rollup.open_amount
        assert totals.where(owed=False, converted=True).counted == rollup.credits_amount
        assert totals.where(owed=True, overdue=True).count == rollup.overdue_count
    assert seen > 20


def test_a_payment_counts_from_the_day_it_came_and_moves_nothing_when_it_is_allocated(figures):
    acme = figures.linked()
    item = figures.item(acme, "100.00", ago(40), ago(10))
    payment = figures.payment(acme, "130.00", ago(20), unallocated_amount=Decimal(30))
    figures.pay(item, "100.00", ago(5), payment=payment)
    figures.roll_up()
    whose = statement_of(figures.of(acme))
    lines = [(one.day, one.debit, one.credit, one.text) for one in movements(whose, ago(60), DAY)]
    assert lines == [
        (ago(40), Decimal(100), Decimal(0), ""),
        (ago(20), Decimal(0), Decimal(130), f"{item.key}, not allocated"),
    ]
    for days, owed in ((41, {}), (30, {"EUR": 100}), (10, {"EUR": -30}), (0, {"EUR": -30})):
        assert balances(whose, ago(days)) == owed, days
    assert figures.figures(acme).unallocated_amount == 30
    figures.roll_up(ago(10), current=False)
    then = figures.figures(acme, ago(10))
    assert (then.unallocated_amount, then.overdue_amount, then.open_amount) == (130, 0, 100)
    documents = get_measure("unallocated_amount").documents(whose.customers, ago(10))
    assert [row.open_now for row in documents] == [Decimal(130)]


def test_currencies_are_never_added_and_future_or_undated_documents_are_calm(figures):
    acme = figures.linked()
    figures.rate("USD", "0.50")
    figures.item(acme, "100.00", ago(40), ago(10))
    figures.item(acme, "200.00", ago(40), ago(10), currency="USD")
    figures.item(acme, "300.00", ago(40), None, currency="XAU")
    figures.item(acme, "-50.00", ago(4), None)
    figures.item(acme, "70.00", None, None)
    figures.item(acme, "999.00", DAY + timedelta(days=3), DAY + timedelta(days=33))
    figures.roll_up()
    whose = statement_of(figures.of(acme))
    assert balances(whose, DAY) == {"EUR": 120, "USD": 200, "XAU": 300}
    assert [account.currency for account in _outstanding(whose, DAY)] == ["EUR", "USD", "XAU"]
    totals = open_totals(whose.customers, DAY)
    assert (totals.owed.counted, totals.where(currency="XAU").amount) == (Decimal(270), Decimal(300))
    with pytest.raises(ValueError, match="do not add up"):
        _ = totals.amount
    rollup = figures.figures(acme)
    assert (rollup.overdue_amount, rollup.aging_no_due_date, rollup.credits_amount) == (200, 70, -50)
