"""What sharing an ERP customer must not change: what a document is on average, and how many documents there are."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Sum

from customers.deciding.sharing import Row, share
from customers.hierarchy import figures_together
from customers.history.figures import figure_columns, write_figures
from customers.measures import MEASURES, get_measure
from customers.models import Customer, CustomerRollup, OwnerTotal
from customers.pages.evidence import build_evidence
from customers.pages.formula import sum_words
from customers.pages.home.book import Book
from customers.pages.home.tiles import sum_book
from customers.rfm import expressions, score_of
from customers.rfm_scales import Scales
from customers.several_accounts import counted_again, several_of, several_sentence, shared_among
from customers.totals import DIVIDED_LINKS
from tests.customers.world import DAY, World, ago

AVERAGE = get_measure("average_order_value")
PARTS = get_measure(AVERAGE.denominator)
# Money by a number of documents.
PER_DOCUMENT = [
    measure
    for measure in MEASURES.values()
    if measure.kind == "ratio"
    and get_measure(measure.numerator).unit.name == "MONEY"
    and get_measure(measure.denominator).unit.name in {"COUNT", "PARTS"}
]
BIG = ("180000.01", "179999.99", "181234.56")


@pytest.fixture
def company(figures: World) -> World:
    """An ERP customer with three big orders, and one in yen; First and Other have small ones of their own."""
    acme = figures.customer("100")
    for net, days in zip(BIG, (5, 40, 300), strict=True):
        figures.order(acme, net, ago(days), promised_on=ago(days - 9))
    figures.order(acme, "900000.00", ago(9), currency="JPY")
    figures.order(acme, "5.00", ago(400), fully_delivered_on=ago(390))
    invoice = figures.invoice(acme, "540000.00", ago(40))
    figures.item(acme, "540000.00", ago(40), ago(9), invoice=invoice)
    figures.order(figures.linked("First", "200"), "1000.00", ago(30))
    figures.account("Second")
    figures.order(figures.linked("Other", "300"), "77.77", ago(3))
    figures.roll_up()
    return figures


@pytest.fixture
def iris(db: None) -> User:
    user = User.objects.create_user("iris", first_name="Iris", last_name="Wolf")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    return user


def divide(user: User, *names: str, key: str = "erp:100") -> None:
    """By one and two thirds, or by 20, 30 and 50 per cent."""
    parts = ("33.3333", "66.6667") if len(names) == 2 else ("20", "30", "50")
    accounts = [Customer.objects.get(name=name).account for name in names]
    rows = tuple(Row(account, per_cent=Decimal(part)) for account, part in zip(accounts, parts, strict=True) if account)
    share(user, key, rows, "Several buyers")


def named(name: str) -> CustomerRollup:
    return CustomerRollup.objects.get(customer__name=name, as_of=DAY)


def everybody() -> Any:
    return Customer.objects.filter(gone_at=None)


def stored(name: str) -> Any:
    found = CustomerRollup.objects.filter(as_of=DAY, customer__gone_at=None)
    return found.aggregate(total=Sum(MEASURES[name].column))["total"]


def averages() -> dict[str, Any]:
    """Over all customers: once from the stored figures, once from the documents, once as a group."""
    group = figures_together(Customer.objects.all()[0], everybody().values_list("pk", flat=True), DAY)
    found = {}
    for measure in PER_DOCUMENT:
        rows = [get_measure(part).documents(everybody(), DAY) for part in (measure.numerator, measure.denominator)]
        added = [each.aggregate(total=Sum("counted"))["total"] or 0 for each in rows]
        found[measure.name] = measure.ratio(stored(measure.numerator), stored(measure.denominator))
        assert found[measure.name] == measure.ratio(*added) == getattr(group, measure.column), measure.name
    return found


@pytest.mark.parametrize("accounts", [("First", "Second"), ("First", "Second", "Other")])
def test_no_average_over_all_customers_changes_by_a_rule(company: World, iris: User, accounts: tuple[str, ...]) -> None:
    before = averages()
    assert set(before) == {"average_order_value", "average_deal_size"}
    assert stored(PARTS.name) == 5
    divide(iris, *accounts)
    assert averages() == before
    assert stored(PARTS.name) == 5
    assert stored("priced_order_count_12m") > 5


def test_the_average_of_an_account_is_the_size_of_whole_orders(company: World, iris: User) -> None:
    divide(iris, "First", "Second")
    whole = sum(map(Decimal, BIG), Decimal(0))
    second, first = named("Second"), named("First")
    assert second.average_order_value
    assert first.average_order_value
    assert second.order_parts_12m == Decimal("2.000001")
    assert abs(second.average_order_value - whole / 3) < Decimal("0.02"), "but for the cents of its parts"
    weight = Decimal("0.999999")
    assert first.order_parts_12m == 1 + weight
    assert abs(first.average_order_value - (1000 + whole * weight / 3) / (1 + weight)) < Decimal("0.02")
    assert (second.order_count_12m, second.priced_order_count_12m) == (4, 3), "counts are of whole orders"


def test_the_opened_rows_make_the_divisor_and_the_page_says_how(company: World, iris: User) -> None:
    customers = Customer.objects.filter(name="First")
    alone = build_evidence(PARTS, customers, DAY, stored=named("First").order_parts_12m, page_number=None)
    assert sum_words(alone, "EUR") == ("1\u00a0document, each counts one: 1.",)
    divide(iris, "First", "Second")
    evidence = build_evidence(PARTS, customers, DAY, stored=named("First").order_parts_12m, page_number=None)
    assert not evidence.differs
    assert sum(row.counted for row in evidence.rows) == evidence.total == Decimal("1.999999")
    assert sum("33.3333% of it" in row.text for row in evidence.rows) == 3
    (words,) = sum_words(evidence, "EUR")
    assert words == "4\u00a0documents, each counts one, of one that a rule divides only the part: 1.999999."


def test_the_revenue_of_an_order_scores_as_that_of_whole_orders(company: World, iris: User) -> None:
    scales = Scales(amount="average", monetary=(Decimal(1), Decimal(2), Decimal(179_000), Decimal(10**9)))
    divide(iris, "Second", "Other")
    rollup = named("Second")
    score = score_of(rollup, scales)
    assert score.amount is not None
    assert abs(score.amount - 180_000) < 1
    assert score.monetary == 4
    told = CustomerRollup.objects.annotate(digits=expressions(scales)["digits"]).get(pk=rollup.pk)
    assert told.digits == score.digits


def test_a_count_of_several_customers_says_which_documents_count_for_several_accounts(
    company: World, iris: User
) -> None:
    measure = get_measure("order_count_12m")
    before = stored(measure.name)
    assert shared_among(everybody(), DAY) == ()
    divide(iris, "First", "Second", "Other")
    assert stored(measure.name) == before + 2 * 4
    evidence = build_evidence(measure, everybody(), DAY, stored=stored(measure.name), page_number=None)
    assert (evidence.count, evidence.total, evidence.several) == (before, before + 8, {3: 4})
    text = "documents, each counts one; of them 4 count for three accounts, as a rule shares their ERP customer: 14."
    assert sum_words(evidence, "EUR") == (f"6\u00a0{text}",)
    few = Customer.objects.filter(name__in=("First", "Other"))
    for customers, several in ((everybody(), {3: 4}), (few, {2: 4}), (few.filter(name="First"), {})):
        assert several_of(measure, shared_among(customers, DAY), DAY) == several
    assert several_of(get_measure("order_intake"), shared_among(few, DAY), DAY) == {}
    assert several_sentence(14, {3: 4}).startswith("6\u00a0documents; of them 4 count for three accounts, as a rule")
    assert several_sentence(4, {2: 1}).endswith(
        "of them 1 counts for two accounts, as a rule shares their ERP customer: 4."
    )
    assert several_sentence(4, {}) == ""


def test_a_past_day_tells_of_the_rule_that_held_then(company: World, iris: User) -> None:
    company.roll_up(ago(20), current=False)
    divide(iris, "First", "Second")
    assert len(shared_among(everybody(), DAY)) == 2
    assert shared_among(everybody(), ago(20)) == ()


@pytest.mark.parametrize("kept", [True, False])
def test_tiles_of_the_book_count_each_document_once(company: World, iris: User, *, kept: bool) -> None:
    names = ("open_orders_count", "late_orders_count", "overdue_count")
    before = sum_book(Book(iris, DAY)).figures
    assert all(before[name] for name in names)
    divide(iris, "First", "Second")
    assert OwnerTotal.objects.get(owner=OwnerTotal.EVERYBODY).counts[DIVIDED_LINKS] == 2
    if not kept:
        OwnerTotal.objects.all().delete()
    assert sum_book(Book(iris, DAY)).figures == before
    assert all(stored(name) > before[name] for name in names)
    again = several_of(get_measure("open_orders_count"), shared_among(everybody(), DAY), DAY)
    assert stored("open_orders_count") - counted_again(again) == before["open_orders_count"]


def test_a_day_packed_before_orders_counted_by_part_has_its_averages(company: World) -> None:
    day, columns = ago(50), [name for name in figure_columns() if name != PARTS.column]
    rollup = named("First")
    values = ["\\N" if (value := getattr(rollup, name)) is None else str(value) for name in columns]
    write_figures(day, columns, ["\t".join([str(rollup.customer_id), *values])])
    again = CustomerRollup.objects.get(as_of=day)
    assert (again.order_parts_12m, again.average_order_value) == (Decimal(1), Decimal(1000))
    assert again.as_of == DAY - timedelta(days=50)
