"""The money side of the customer page: parts, currencies, banner, trend, settlements, statement, pre-call card."""

import io
import re
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import CustomerRollup
from customers.publishing import recompute_all
from integration_hub.models import ErpOpenItem, ErpPayment, SfAccount
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, build_invoice, mirrored


def page(world: World, name: str, customer: str = "kestrel") -> str:
    return reverse(f"customers:{name}", args=(getattr(world, customer).pk,))


def context(cast: Cast, url: str, **query: str) -> Any:
    answer = cast.owner.get(url, query)
    assert answer.status_code == 200, url
    return answer.context


def test_the_three_figures_and_the_parts_open_rows_that_add_up(world: World, cast: Cast) -> None:
    card = context(cast, page(world, "detail"))["overview"].receivables
    assert card.available == card.unallocated - card.credits == Decimal("397.50")
    assert card.net == card.overdue - card.available
    assert sum(part.amount for part in card.parts) == card.open_amount
    assert sum(part.count for part in card.parts) == sum(bucket.count for bucket in card.buckets)
    for url, amount in [(one.url, one.amount) for one in card.parts] + [(card.unallocated_url, card.unallocated)]:
        evidence = context(cast, url)["evidence"]
        assert (evidence.total, evidence.difference) == (amount, 0), url


def test_aging_by_document_date_and_every_currency_open_lists_that_add_up(world: World, cast: Cast) -> None:
    card = context(cast, page(world, "detail"), aging="document")["overview"].receivables
    assert card.by_document
    assert sum(bucket.amount for bucket in card.buckets) == card.open_amount
    for bucket in card.buckets:
        found = context(cast, bucket.url)["found"]
        assert (found.counted, found.page.paginator.count) == (bucket.amount, bucket.count), bucket.label
    assert [line.currency for line in card.currencies] == ["EUR", "XAU"]
    euro, gold = card.currencies
    assert (euro.counted, euro.open_amount, gold.counted, gold.open_amount) == (
        card.open_amount,
        card.open_amount,
        None,
        Decimal(833),
    )
    for line in card.currencies:
        (total,) = context(cast, line.url)["found"].totals
        assert total.amount == line.open_amount


def test_the_banner_says_what_the_receivables_say_and_adds_the_group(world: World, cast: Cast) -> None:
    rollup = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF)
    overview = context(cast, page(world, "detail"))["overview"]
    assert (overview.overdue_banner.amount, overview.overdue_banner.count) == (
        rollup.overdue_amount,
        rollup.overdue_count,
    )
    assert overview.overdue_banner.group_words == ""
    assert context(cast, page(world, "detail", "prospect"))["overview"].overdue_banner is None
    SfAccount.objects.filter(key=KESTON).update(parent_id=KESTREL)
    recompute_all(AS_OF, current=True)
    manager = cast.manager.get(page(world, "detail")).context["overview"].overdue_banner
    both = sum(
        CustomerRollup.objects.filter(as_of=AS_OF)
        .exclude(customer=world.unlinked)
        .values_list("overdue_amount", flat=True)
    )
    assert f"{both:,.0f}" in manager.group_words
    together = cast.manager.get(manager.group_url).context["overview"]
    assert together.overdue_banner.amount == together.receivables.overdue == both
    # Somebody who may not see the rest of the group is told nothing of it.
    assert cast.owner.get(page(world, "detail")).context["overview"].overdue_banner.group_words == ""


def test_the_trend_has_gaps_where_no_figures_are_kept(world: World, cast: Cast) -> None:
    for months in (1, 3):
        recompute_all((AS_OF.replace(day=1) - relativedelta(months=months)) + relativedelta(day=31), current=False)
    trend = context(cast, page(world, "detail"))["overview"].trend
    assert [one.overdue is not None for one in trend.months] == [False] * 8 + [True, False, True, True]
    assert (trend.months[-1].overdue, trend.months[-1].day, trend.known) == (trend.months[-1].overdue, AS_OF, 3)
    assert sum("gap" in bar.css for bar in trend.overdue) == 9
    then = context(cast, trend.months[-2].url)["overview"]
    assert then.receivables.overdue == trend.months[-2].overdue
    assert trend.kept_since == trend.months[8].day


def test_an_instalment_is_named_and_a_promise_is_seen(world: World, cast: Cast) -> None:
    ErpOpenItem.objects.filter(key="erp:U-1/1").update(disputed=True, promised_on=AS_OF)
    mirrored(
        ErpOpenItem,
        "erp:U-1/2",
        invoice_id="erp:U-1",
        customer_id="erp:104233",
        issued_on=AS_OF,
        due_on=AS_OF + relativedelta(days=40),
        currency="EUR",
        amount=Decimal(10),
        open_amount=Decimal(10),
    )
    recompute_all(AS_OF, current=True)
    items = context(cast, page(world, "detail"))["overview"].receivables.items
    (note,) = [item.note for item in items if item.number == "U-1"]
    assert note == "Instalment 1 of 2, Disputed, Promised for 23\u00a0Nov\u00a02026, Freight claim"


def test_settlements_name_payment_invoice_and_lateness(world: World, cast: Cast) -> None:
    (row,) = context(cast, page(world, "settlements"))["rows"]
    assert (row.by.label, row.number, row.amount, row.lateness) == (
        "Payment P-1",
        "F-1",
        Decimal(200),
        "14\u00a0days\u00a0late",
    )
    assert context(cast, page(world, "settlements"), show="credit-notes")["rows"] == ()


def test_a_statement_is_the_same_on_the_page_and_in_the_file(world: World, cast: Cast) -> None:
    build_invoice("=1+2", days_ago=5, net=100)
    ErpPayment.objects.filter(key="erp:P-1").update(reference="@x")
    recompute_all(AS_OF, current=True)
    rollup = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF)
    for mode in ("outstanding", "activity"):
        query = {"mode": mode, "from": "2026-01-01"}
        statement = context(cast, page(world, "statement"), **query)["statement"]
        euro = statement.accounts[0]
        assert euro.closing == rollup.open_amount + rollup.credits_amount - rollup.unallocated_amount
        body = b"".join(cast.owner.get(page(world, "statement_file"), query).streaming_content)  # type: ignore[attr-defined]
        book = openpyxl.load_workbook(io.BytesIO(body))
        assert book.sheetnames == ["EUR", "XAU", "About"]
        rows = list(book["EUR"].iter_rows(min_row=2, values_only=True))
        labels = [row[0] for row in rows]
        assert "Invoice =1+2" in labels
        foot = labels.index("Closing balance" if mode == "activity" else "Balance")
        assert Decimal(str(rows[foot][-1])).quantize(Decimal("0.01")) == euro.closing
        assert len([row for row in rows[:foot] if row[0] != "Opening balance"]) == len(euro.lines)
        assert all(cell.data_type != "f" for line in book["EUR"].iter_rows() for cell in line)


def test_a_statement_survives_any_question(world: World, cast: Cast) -> None:
    url = page(world, "statement")
    for query in (
        {"to": "yesterday"},
        {"to": "2099-01-01"},
        {"mode": "activity", "from": "2026-12-01", "to": "2026-01-01"},
        {"mode": "'; drop table", "company": "nobody", "from": "0000"},
        {"to": "2001-01-01"},
        {"mode": "activity", "from": "2001-01-01", "to": "2001-02-01"},
        {"as_of": "2026-10-01", "group": "1"},
    ):
        assert cast.owner.get(url, query).status_code == 200, query
    assert "no day" in cast.owner.get(url, {"to": "yesterday"}).content.decode()
    assert "Nothing is open" in cast.owner.get(url, {"to": "2001-01-01"}).content.decode()
    assert "no ERP customer is linked" in cast.owner.get(page(world, "statement", "prospect")).content.decode()


def test_the_pre_call_card_has_five_facts_three_issues_and_whom_to_call(world: World, cast: Cast) -> None:
    answer = cast.owner.get(page(world, "pre_call"))
    card = answer.context["card"]
    assert [fact.label for fact in card.facts] == [
        "Revenue this year",
        "Overdue",
        "Open orders",
        "Last order",
        "Paying",
    ]
    rollup = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF)
    assert f"{rollup.overdue_amount:,.0f}" in card.issues[0].headline
    assert "SO-1 was promised" in card.issues[1].detail
    assert (len(card.issues), len(card.documents)) == (3, 3)
    assert re.search(r'href="tel:\+31105550?1"', answer.content.decode())
    for link in set(re.findall(r'href="(/customers/\d+/[^"]+)"', answer.content.decode())):
        assert cast.owner.get(link.replace("&amp;", "&")).status_code == 200, link
    empty = cast.owner.get(page(world, "pre_call", "prospect")).context["card"]
    assert (empty.issues, empty.documents, empty.deliveries) == ((), (), ())


@pytest.mark.parametrize("query", ["to=0001-01-01", "to=0001-01-02&mode=activity", "from=0001-01-01&mode=activity"])
def test_a_statement_of_a_day_before_all_calendars_is_calm(world: World, cast: Cast, query: str) -> None:
    answer = cast.owner.get(f"{page(world, 'statement')}?{query}")
    assert (answer.status_code, "before 1 Jan 1900" in answer.text.replace("\xa0", " ")) == (200, True)
    assert cast.owner.get(f"{page(world, 'statement_file')}?{query}").status_code == 200


def test_the_money_pages_ask_as_much_of_many_documents_as_of_few(world: World, cast: Cast) -> None:
    urls = [page(world, name) for name in ("open_items", "settlements", "statement", "pre_call")]
    urls.append(f"{page(world, 'statement')}?mode=activity&from=2025-01-01")
    cast.owner.get(urls[0])
    few = [queries(cast, url) for url in urls]
    for index in range(20):
        build_invoice(f"Q-{index}", days_ago=40 + index, net=10)
    recompute_all(AS_OF, current=True)
    assert [queries(cast, url) for url in urls] == few
    assert max(few) < 40


def queries(cast: Cast, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert cast.owner.get(url).status_code == 200
    return len(captured)
