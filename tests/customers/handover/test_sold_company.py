"""The demo company's Salesforce orders: every pair that numbers settle is found, and none of them is wrong."""

import os
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from customers.models import OpportunityOrder, SalesOrderPair, SalesOrderStanding
from integration_hub.models import ErpOrder, SfOrder, SfQuote
from integration_hub.practice.company.accounts import plan_accounts
from integration_hub.practice.company.deals import PlannedDeal
from integration_hub.practice.company.generation import DemoCompany, generate
from integration_hub.practice.company.handed_over import handed_over, in_euro
from integration_hub.practice.company.selling import Selling, accounts_of, plan_selling, refer
from integration_hub.practice.company.selling_records import PlannedSale
from tests.customers.world import DAY, READ_AT, World, ago

# The lines are left out, so that of a closed order nobody could say what was left over.
STATES = {"05": "quote", "90": "cancelled", "30": "done", "35": "done"}
ACCOUNTS = 80
# More companies than every build tries: SELLING_SEEDS=20.
SEEDS = range(360, 360 + int(os.environ.get("SELLING_SEEDS", "1")))
BACK = 690
NUMBERS = (("Order__c", "order_number"), ("Po__c", "po_number"), ("Quote__c", "quote_number"))


def planned(seed: int) -> tuple[DemoCompany, list[PlannedDeal], Selling, dict[str, str]]:
    company = generate(seed, 1, DAY)
    plan = plan_accounts(seed, company.firms, DAY)
    deals = list(handed_over(plan.opportunities, company))
    numbers = accounts_of(company, plan)
    selling = plan_selling(deals, company, numbers)
    refer(company, selling.references)
    return company, deals, selling, {name: number for number, name in numbers.items()}


def mirror(figures: World, seed: int) -> dict[str, PlannedSale]:
    """The accounts that have Salesforce orders with all that hangs on them, in euro; the orders' truth by key."""
    company, deals, selling, numbers = planned(seed)
    names = [name for name in dict.fromkeys(sale.account for sale in selling.sales) if name in numbers][:ACCOUNTS]
    accounts = {name: figures.account(name, erp_number=numbers[name]) for name in names}
    customers = {numbers[name]: figures.customer(numbers[name]) for name in names}
    orders = [row for books in company.books.values() for row in books.sales_order if row.debtor_no in customers]
    ErpOrder.objects.bulk_create(
        ErpOrder(
            key=f"erp:{row.order_no}",
            source="erp",
            synced_at=READ_AT,
            number=row.order_no,
            customer_id=customers[row.debtor_no].key,
            ordered_on=row.order_date,
            currency="EUR",
            net_amount=in_euro(row, company),
            status=STATES.get(row.state, "open"),
            customer_reference=row.customer_po,
        )
        for row in orders
    )
    made = {place: _deal(figures, accounts, deal) for place, deal in enumerate(deals) if deal.account in accounts}
    quotes = {each.number: _quote(made[each.deal], each) for each in selling.quotes if each.deal in made}
    SfQuote.objects.bulk_create(quotes.values())
    truth = {
        f"801{int(each.number):012d}AAA": each
        for each in selling.sales
        if each.account in accounts and each.starts_on > ago(BACK)
    }
    SfOrder.objects.bulk_create(
        SfOrder(
            key=key,
            source="salesforce",
            synced_at=READ_AT,
            account=accounts[each.account],
            opportunity=made.get(-1 if each.deal is None else each.deal),
            quote=quotes.get(each.quote),
            number=each.number,
            status="Activated" if each.activated else "Draft",
            starts_on=each.starts_on,
            net_amount=each.net,
            currency="EUR",
            po_number=each.po,
            reference=each.reference,
        )
        for key, each in truth.items()
    )
    return truth


def _deal(figures: World, accounts: dict[str, Any], deal: PlannedDeal) -> Any:
    return figures.deal(
        accounts[deal.account],
        str(Decimal(str(deal.amount))),
        deal.close_on,
        currency="EUR",
        is_won=deal.stage == "Closed Won",
        is_closed=deal.stage.startswith("Closed"),
        custom_fields={name: getattr(deal, attribute) for name, attribute in NUMBERS},
    )


def _quote(deal: Any, quote: Any) -> SfQuote:
    return SfQuote(
        key=f"0Q0{int(quote.number):012d}AAA",
        source="salesforce",
        synced_at=READ_AT,
        account_id=deal.account_id,
        opportunity=deal,
        number=quote.number,
        status=quote.status,
        net_amount=quote.net,
        currency="EUR",
        custom_fields={"Erp__c": quote.erp_number},
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_generator_states_is_found_and_nothing_else_is_settled(figures: World, seed: int) -> None:
    truth = mirror(figures, seed)
    figures.roll_up()
    rows = list(SalesOrderPair.objects.select_related("order"))
    settled: dict[str, set[str]] = {key: set() for key in truth}
    proposed: Counter[bool] = Counter()
    for row in rows:
        if row.state == "stated" and row.order.status != "quote":
            settled[row.sales_order_id].add(row.order.number)
        elif row.state == "proposed":
            proposed[row.order.number in truth[row.sales_order_id].became] += 1
    wrong = {key: numbers for key, numbers in settled.items() if numbers - set(truth[key].became)}
    assert not wrong, {key: (truth[key], numbers) for key, numbers in wrong.items()}
    missing = {key: each for key, each in truth.items() if each.certain and settled[key] != set(each.became)}
    assert not missing
    assert sum(each.certain for each in truth.values()) > 30
    standings = {row.sales_order_id: row.standing for row in SalesOrderStanding.objects.all()}
    assert set(standings) == set(truth)
    told = {key: each for key, each in truth.items() if each.certain or each.standing == "conflict"}
    assert {key: standings[key] for key in told} == {key: each.standing for key, each in told.items()}
    assert {"agrees", "no_order", "differs", "conflict"} <= set(standings.values())
    # What no number settles is at most proposed, mostly rightly, and nothing is made up for what the ERP does not know.
    assert proposed[True] >= 3 * proposed[False]
    lost = [key for key, each in truth.items() if not each.became]
    assert sum(standings[key] in {"no_order", "waiting"} for key in lost) >= 0.9 * len(lost)
    _assert_the_opportunities_stand_as_without(figures)


def _assert_the_opportunities_stand_as_without(figures: World) -> None:
    """Quotes and Salesforce orders of this company tell the opportunities nothing new: their orders stay the same."""

    def counted() -> set[tuple[str, str]]:
        found = OpportunityOrder.objects.exclude(state="possible").exclude(order__status__in=("quote", "cancelled"))
        return set(found.values_list("opportunity", "order"))

    with_them = counted()
    SfOrder.objects.update(deleted_at=READ_AT)
    SfQuote.objects.update(deleted_at=READ_AT)
    figures.roll_up()
    assert counted() == with_them
    assert not SalesOrderStanding.objects.exists()
