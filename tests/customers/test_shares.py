"""One ERP customer shared over several accounts: the parts make its total to the cent, whatever is shared and when."""

import re
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Sum

from customers.access import visible
from customers.deciding.acts import NotDecided, Wanted, decide, undo
from customers.deciding.sharing import Row, share
from customers.models import (
    AccountLink,
    AccountLinkPeriod,
    Customer,
    CustomerRollup,
    DocumentPlace,
    LinkDecision,
    LinkEvent,
    LinkVerdict,
    OpenOrder,
)
from customers.publishing import recompute_all
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOpenItem, ErpOrder, ErpOrderLine
from tests.customers.random_company import RandomCompany
from tests.customers.test_measures_add_up import SEEDS, SIMPLE, assert_all_agree, of_documents
from tests.customers.world import DAY, READ_AT, ago

SUMS = [measure for measure in SIMPLE if measure.kind == "sum"]
PAST = DAY - timedelta(days=130)


@pytest.fixture
def iris(db):
    user = User.objects.create_user("iris", first_name="Iris", last_name="Wolf")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    return user


def by_per_cent(*rows):
    return tuple(Row(account.key, per_cent=Decimal(per_cent)) for account, per_cent in rows)


def by_ship_to(*rows):
    return tuple(Row(account.key, ship_to=party.key if party else "") for account, party in rows)


def total(name="revenue_12m", as_of=DAY):
    return sum(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None).values_list(name, flat=True))


def sums(as_of):
    rollups = CustomerRollup.objects.filter(as_of=as_of)
    return rollups.aggregate(**{measure.name: Sum(measure.column) for measure in SUMS})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (("33.33", "33.33", "33.33"), "add up to 99.99, not to 100: 0.01 are missing"),
        (("60", "50"), "110, not to 100: 10 are too many"),
        (("100", "0"), "more than 0 and less than 100"),
        (("150", "-50"), "more than 0 and less than 100"),
        (("33.33335", "66.66665"), "at most 4 decimals"),
        (("100",), "at least two accounts"),
    ],
)
def test_per_cents_that_are_not_everything_are_refused(figures, iris, rows, words):
    acme = figures.customer("100")
    accounts = [figures.account(f"Account {number}") for number in range(len(rows))]
    figures.roll_up()
    with pytest.raises(NotDecided, match=re.escape(words)):
        share(iris, acme.key, by_per_cent(*zip(accounts, rows, strict=True)), "")
    assert not LinkDecision.objects.exists()


def test_parties_and_accounts_that_make_no_rule_are_refused(figures, iris):
    acme, site = figures.customer("100"), figures.customer("900")
    first, second = figures.account("First"), figures.account("Second")
    gone, merged = figures.account("Gone", deleted_at=READ_AT), figures.account("Merged", deleted_at=READ_AT)
    merged.master_record = first.key
    merged.save()
    figures.roll_up()
    for rows, words in (
        (by_ship_to((first, site), (second, acme)), "exactly one account that gets the rest"),
        (by_ship_to((first, None), (second, None)), "exactly one account that gets the rest"),
        (by_ship_to((first, site), (second, site), (first, None)), "stands in two rows"),
        ((Row(first.key, ship_to="erp:nobody"), Row(second.key)), "no customer erp:nobody"),
        ((Row(first.key, per_cent=Decimal(50)), Row(second.key, ship_to=site.key)), "either by per cent or by ship-to"),
        (by_per_cent((first, "50"), (gone, "50")), "was deleted in Salesforce"),
        (by_per_cent((first, "50"), (merged, "50")), "was merged into First"),
        ((Row(first.key, per_cent=Decimal(50)), Row("001nobody", per_cent=Decimal(50))), "no such account"),
        (by_per_cent((first, "50"), (second, "25"), (second, "25")), "two rows"),
    ):
        with pytest.raises(NotDecided, match=re.escape(words)):
            share(iris, acme.key, rows, "")
    assert not LinkDecision.objects.exists()


def test_a_cent_nothing_and_credit_are_divided_without_losing_any(figures, iris):
    acme = figures.customer("100")
    accounts = [figures.account(f"Account {number}") for number in range(3)]
    amounts = ("0.01", "0.02", "0", "-0.01", "-100.00", "1000.00", "0.1234")
    for net in amounts:
        invoice = figures.invoice(acme, net, ago(5))
        figures.item(acme, net, ago(5), ago(1), invoice=invoice)
    figures.roll_up()
    whole = figures.figures(acme)
    share(iris, acme.key, by_per_cent(*zip(accounts, ("33.33", "33.33", "33.34"), strict=True)), "Thirds")
    found = [figures.figures(account) for account in accounts]
    for name in ("revenue_12m", "open_amount", "credits_amount", "overdue_amount"):
        assert sum(getattr(each, name) for each in found) == getattr(whole, name) == total(name)
    # 33.33 and 66.66 % of each, rounded; the last takes what is left.
    assert found[0].revenue_12m == Decimal("0.00") + Decimal("0.01") - Decimal("33.33") + Decimal("333.30") + Decimal(
        "0.04"
    )
    assert {each.overdue_count for each in found} == {whole.overdue_count}


def test_every_document_goes_where_its_ship_to_party_says_and_the_rest_to_one_account(figures, iris):
    acme, north, south = figures.customer("100"), figures.customer("901"), figures.customer("902")
    first, second, rest = figures.account("North"), figures.account("South"), figures.account("Rest")
    stated = figures.order(acme, "100.00", ago(30), ship_to=north)
    line = figures.order_line(stated, 1, "100.00")
    by_order = figures.invoice(acme, "100.00", ago(20), order=stated)
    item = figures.item(acme, "119.00", ago(20), ago(5), invoice=by_order)
    payment = figures.payment(acme, "19.00", ago(2), unallocated_amount=Decimal(7))
    figures.pay(item, "12.00", ago(2), payment=payment)
    # Delivered elsewhere than ordered: what was delivered says more.
    sent = figures.delivery(acme, ago(25), ship_to=south, order=stated)
    by_delivery = figures.invoice(acme, "40.00", ago(19))
    figures.invoice_line(by_delivery, "40.00", delivery_line=figures.delivery_line(sent, line, 1), order_line=line)
    credit = figures.invoice(acme, "-10.00", ago(18), kind="credit_note", reverses=by_delivery)
    other = figures.order(acme, "1.00", ago(9), ship_to=south)
    both = figures.invoice(acme, "5.00", ago(8))
    for order in (stated, other):
        figures.invoice_line(both, "2.50", order_line=figures.order_line(order, 1, "1.00"))
    nobody = figures.invoice(acme, "3.00", ago(7))
    figures.roll_up()
    share(iris, acme.key, by_ship_to((first, north), (second, south), (rest, None)), "Two sites")
    revenue = {account.name: figures.figures(account).revenue_12m for account in (first, second, rest)}
    assert revenue == {"North": Decimal(100), "South": Decimal(30), "Rest": Decimal(8)}
    assert (figures.figures(first).open_amount, figures.figures(first).unallocated_amount) == (Decimal(107), Decimal(7))
    assert figures.figures(second).order_intake == Decimal(1)
    found = dict(DocumentPlace.objects.filter(kind="invoice").values_list("document", "found"))
    wanted = {by_order: "order", by_delivery: "delivery", credit: "invoice", both: "several", nobody: "none"}
    assert found == {invoice.key: how for invoice, how in wanted.items()}
    # A publish that brings a document only touches its ERP customer.
    late = figures.invoice(acme, "11.00", ago(1), order=other)
    figures.publish(customers=[acme])
    assert figures.figures(second).revenue_12m == Decimal(41), late
    assert total() == Decimal(149)


def test_a_rule_that_is_changed_ended_or_loses_an_account_moves_exactly_its_parts(figures, iris):
    acme = figures.customer("100")
    first, second, third = (figures.account(name) for name in ("First", "Second", "Third"))
    figures.invoice(acme, "100.01", ago(5))
    figures.roll_up(ago(3))
    figures.roll_up()

    def revenue():
        rows = [figures.figures(account).revenue_12m for account in (first, second, third)]
        assert sum(rows) == total() == Decimal("100.01")
        return [str(row.quantize(Decimal("0.01"))) for row in rows]

    sixty = share(iris, acme.key, by_per_cent((first, "60"), (second, "40")), "Two buyers")
    assert revenue() == ["60.01", "40.00", "0.00"]
    assert {(event.to_account, event.why) for event in LinkEvent.objects.all()} == {
        (first.key, "shared"),
        (second.key, "shared"),
    }
    again = share(iris, acme.key, by_per_cent((first, "60"), (second, "40")), "Sent twice")
    assert again == sixty
    changed = share(iris, acme.key, by_per_cent((third, "25"), (first, "75")), "Moved")
    assert revenue() == ["75.01", "0.00", "25.00"]
    moved = {figures.figures(account).computed_at for account in (first, second, third)}
    assert len(moved) == 1, "old and new accounts are recomputed together, so all go with the next push"
    for full in (True, False):
        figures.publish(accounts=[third], changed=["sf_account"], full=full)
        assert revenue() == ["75.01", "0.00", "25.00"]
    undo(iris, [changed.pk], "Not yet")
    assert revenue() == ["60.01", "40.00", "0.00"], "the rule before stands again"
    # Merged away: the winner takes the part. Deleted: the part waits on no account, and says so.
    second.deleted_at, second.master_record = READ_AT, third.key
    second.save()
    figures.publish(accounts=[second, third], changed=["sf_account"])
    rows = CustomerRollup.objects.filter(as_of=DAY, customer__account__in=[first.key, third.key])
    assert sum(row.revenue_12m for row in rows) == total() == Decimal("100.01")
    third.deleted_at = READ_AT
    third.save()
    figures.publish(accounts=[third], changed=["sf_account"])
    parked = AccountLink.objects.get(erp_customer=acme.key, account=None)
    assert (parked.status, "was deleted in Salesforce" in parked.detail) == ("conflict", True)
    assert CustomerRollup.objects.get(customer=parked.customer, as_of=DAY).revenue_12m == Decimal("40.00")
    assert figures.figures(first).revenue_12m == Decimal("60.01")
    # Linked to one account: the rule is over, with its days kept.
    decide(iris, Wanted(LinkVerdict.ACCEPT, acme.key, first.key))
    assert figures.figures(first).revenue_12m == total() == Decimal("100.01")
    assert not LinkDecision.objects.filter(verdict=LinkVerdict.SHARE, undone_at=None).exists()


def test_last_months_figures_are_divided_by_last_months_rule(figures, iris):
    acme, first, second = figures.customer("100"), figures.account("First"), figures.account("Second")
    figures.invoice(acme, "100.00", ago(60))
    figures.roll_up(ago(40))
    share(iris, acme.key, by_per_cent((first, "60"), (second, "40")), "Two buyers")
    figures.roll_up(ago(20))
    share(iris, acme.key, by_per_cent((first, "10"), (second, "90")), "From now on")
    figures.roll_up()
    for day, part in ((ago(30), "60"), (ago(20), "10"), (DAY, "10")):
        figures.roll_up(day, current=day == DAY)
        assert figures.figures(first, day).revenue_12m == Decimal(part), day
        assert total(as_of=day) == Decimal(100)
    periods = AccountLinkPeriod.objects.filter(customer__account=first.key).order_by("pk")
    assert [(row.part_to, row.valid_to) for row in periods] == [(Decimal("0.6"), ago(20)), (Decimal("0.1"), None)]


def test_a_stored_key_that_names_another_account_is_never_overruled_silently(figures, iris):
    first, second = figures.account("First", erp_number="100"), figures.account("Second")
    third, acme = figures.account("Third"), figures.customer("100")
    figures.invoice(acme, "10.00", ago(5))
    figures.roll_up()
    with pytest.raises(NotDecided, match="A stored key names First"):
        share(iris, acme.key, by_per_cent((second, "50"), (third, "50")), "")
    share(iris, acme.key, by_per_cent((second, "50"), (third, "50")), "", overrule=True)
    assert figures.figures(third).revenue_12m == Decimal(5)
    assert [row.verdict for row in LinkDecision.objects.order_by("pk")] == ["share", "reject"]
    share(iris, acme.key, by_per_cent((first, "50"), (third, "50")), "The key may name one of them")
    assert figures.figures(first).revenue_12m == Decimal(5)
    # A key that comes later and says otherwise makes a conflict of the whole.
    acme.salesforce_account = second.key
    acme.save()
    figures.publish(customers=[acme], changed=["erp_customer"])
    link = AccountLink.objects.get(erp_customer=acme.key)
    assert (link.status, link.account, "but the ERP names the account Second" in link.detail) == (
        "conflict",
        None,
        True,
    )
    assert total() == Decimal(10)


def test_an_account_manager_sees_the_part_and_the_documents_of_own_accounts(figures, iris):
    ana, ben = figures.user("ana"), figures.user("ben")
    mine, theirs = figures.account("Mine", owner=ana), figures.account("Theirs", owner=ben)
    halves, sites = figures.customer("100"), figures.customer("200")
    north, south = figures.customer("901"), figures.customer("902")
    halved = figures.invoice(halves, "10.00", ago(5))
    documents = []
    for party in (north, south):
        order = figures.order(sites, "1.00", ago(9), ship_to=party)
        figures.order_line(order, 1, "1.00")
        invoice = figures.invoice(sites, "1.00", ago(5), order=order)
        figures.item(sites, "1.00", ago(5), ago(1), invoice=invoice)
        documents.append(invoice.key)
    figures.roll_up()
    share(iris, halves.key, by_per_cent((mine, "50"), (theirs, "50")), "")
    share(iris, sites.key, by_ship_to((mine, north), (theirs, None)), "")
    manager = User.objects.create_user("ana", email="ana@example.com")
    manager.groups.add(Group.objects.get_or_create(name="Account managers")[0])
    assert set(visible(ErpInvoice.objects.all(), manager).values_list("key", flat=True)) == {halved.key, documents[0]}
    for model in (ErpOrder, ErpOpenItem, ErpOrderLine):
        assert visible(model.objects.all(), manager).count() == 1, model
    assert visible(ErpInvoice.objects.all(), iris).count() == 3
    assert {link.customer.name for link in visible(AccountLink.objects.all(), manager)} == {"Mine"}


@pytest.mark.parametrize("seed", [4, *SEEDS[3:]])
def test_the_parts_of_every_figure_make_the_whole_today_and_on_a_past_day(figures, iris, seed):
    company, rng = RandomCompany(figures, seed, customers=5), Random(seed)  # noqa: S311
    parties = [figures.customer(f"9{number}") for number in range(3)]
    for model in (ErpOrder, ErpDelivery):
        for row in model.objects.all():
            row.ship_to = rng.choice((None, *parties))
            row.save()
    figures.roll_up()
    figures.roll_up(PAST, current=False)
    before, then = sums(DAY), sums(PAST)
    first, second, third, *_ = company.accounts
    share(iris, company.customers[0].key, by_per_cent((first, "33.33"), (second, "33.33"), (third, "33.34")), "Thirds")
    share(iris, company.customers[2].key, by_ship_to((first, parties[0]), (third, parties[1]), (second, None)), "Sites")
    share(iris, company.customers[4].key, by_per_cent((third, "12.5"), (first, "87.5")), "")
    assert sums(DAY) == before
    assert_all_agree(DAY)
    everybody = Customer.objects.all()
    for measure in SIMPLE:
        if measure.kind in {"sum", "count"}:
            assert total(measure.column) == of_documents(measure, everybody, DAY), measure.name
    kept = OpenOrder.objects.values_list("open_amount", flat=True)
    assert sum(each or Decimal(0) for each in kept) == before["open_orders_amount"]
    stored = list(CustomerRollup.objects.filter(as_of=DAY).order_by("customer").values())
    figures.roll_up()
    again = list(CustomerRollup.objects.filter(as_of=DAY).order_by("customer").values())
    assert [row | {"computed_at": 0, "id": 0} for row in stored] == [row | {"computed_at": 0, "id": 0} for row in again]
    # The day before the rule began is by the links of then.
    figures.roll_up(PAST, current=False)
    assert sums(PAST) == then
    assert not AccountLinkPeriod.objects.filter(part_to__isnull=False, valid_from=None)
    # And a past day by today's links divides as today.
    recompute_all(PAST, current=False, links_then=False)
    assert sums(PAST) == then
