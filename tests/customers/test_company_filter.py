"""Only documents of the companies that hub.toml names count, in every figure alike; and a change recomputes all."""

from datetime import timedelta
from decimal import Decimal
from zlib import crc32

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command

from customers.calendar import current_day, is_behind
from customers.categories import category_lines
from customers.measures import MEASURES
from customers.models import CustomerCategory, CustomerMonth, CustomerRollup, RollupDay
from customers.pages.search_results import build_search
from customers.period import Period
from customers.push_values import wanted_values
from customers.rules.snapshots import first_kept_day, kept_day
from customers.statements import fetch
from integration_hub.diagnosis.local import check_notices
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOpenItem, ErpOrder, ErpPayment, Notice
from integration_hub.push.wanted import NothingToPush
from tests.customers.conftest import configured
from tests.customers.random_company import RandomCompany
from tests.customers.test_measures_add_up import PAST, assert_all_agree
from tests.customers.world import DAY, ago

DOCUMENTS = (ErpOrder, ErpDelivery, ErpInvoice, ErpOpenItem, ErpPayment)
BOTH = ("erp:10", "erp:20")
ADDING = [
    measure.name
    for measure in MEASURES.values()
    # Opportunities are of no company.
    if measure.kind in {"sum", "count"} and measure.document_kind != "opportunity"
]
COUNTED = ("invoice_count", "delivery_count", "listed_order_count", "payment_count")


def of_two_companies() -> None:
    for model in DOCUMENTS:
        for document in model.objects.all():
            document.company_id = BOTH[crc32(document.key.encode()) % 2]
            document.save(update_fields=["company"])


def stored(*names):
    rows = CustomerRollup.objects.filter(as_of=DAY).values("customer", *names)
    return {row["customer"]: {name: row[name] for name in names} for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_of_each_company_are_the_sum_of_its_documents_and_together_those_of_all(figures, seed, tmp_path):
    RandomCompany(figures, seed)
    of_two_companies()
    figures.roll_up()
    whole, parts = stored(*ADDING, *COUNTED), []
    assert set(CustomerRollup.objects.values_list("left_out_count", flat=True)) == {0}
    for key in BOTH:
        with configured(tmp_path, companies=[key]):
            figures.roll_up()
            figures.roll_up(PAST, current=False)
            assert_all_agree(DAY)
            assert_all_agree(PAST)
            parts.append(stored(*ADDING, *COUNTED, "left_out_count"))
            assert_parts_add_up()
    for customer, figure in whole.items():
        first, second = (part[customer] for part in parts)
        assert {name: first[name] + second[name] for name in figure} == figure
        assert first["left_out_count"] == sum(second[name] for name in COUNTED)
    with configured(tmp_path, companies=list(BOTH)):
        figures.roll_up()
        assert stored(*ADDING, *COUNTED) == whole


def assert_parts_add_up():
    """Months and product categories are of the same documents."""
    for rollup in CustomerRollup.objects.filter(as_of=DAY):
        categories = CustomerCategory.objects.filter(customer=rollup.customer_id).values_list("revenue_12m", flat=True)
        assert sum(categories) == rollup.revenue_12m
        months = CustomerMonth.objects.filter(customer=rollup.customer_id)
        assert sum(months.filter(month__year=2026).values_list("revenue", flat=True)) == rollup.revenue_ytd
        assert sum(months.values_list("order_intake", flat=True)) == rollup.order_intake


def test_lines_and_days_of_orders_are_of_the_same_companies(figures, tmp_path):
    acme = figures.linked()
    pumps = figures.product("P1", category="Pumps")
    for company, net, days in (("erp:10", "100.00", 9), ("erp:20", "7.00", 8), (None, "3.00", 7)):
        invoice = figures.invoice(acme, net, ago(5), company_id=company)
        figures.invoice_line(invoice, net, product=pumps)
        figures.order(acme, net, ago(days), company_id=company)
    everything = Period(ago(30), DAY)
    with configured(tmp_path, companies=["erp:10"]):
        figures.roll_up()
        found = category_lines(["erp:100"], everything, "Pumps", most=10)
        assert (found.count, found.total) == (1, Decimal(100))
        assert fetch("order_days", keys=["erp:100"], start=ago(30), end=DAY) == [(ago(9),)]
        # A document that names no company is of none of those that are named.
        assert figures.figures(acme).left_out_count == 4


def test_an_invoice_of_another_company_still_bills_what_an_order_delivered(figures, tmp_path):
    """The goods are billed, whoever wrote the invoice: only its revenue does not count."""
    acme = figures.linked()
    order = figures.order(acme, "100.00", ago(20), company_id="erp:10")
    line = figures.order_line(order, "1", "100.00")
    figures.delivery_line(figures.delivery(acme, ago(10), order=order, company_id="erp:20"), line, "1")
    invoice = figures.invoice(acme, "100.00", ago(5), order=order, company_id="erp:20")
    figures.invoice_line(invoice, "100.00", order_line=line, quantity=Decimal(1))
    with configured(tmp_path, companies=["erp:10"]):
        figures.roll_up()
        rollup = figures.figures(acme)
        assert (rollup.order_intake, rollup.open_orders_amount, rollup.delivered_not_invoiced) == (Decimal(100), 0, 0)
        assert rollup.revenue_12m == 0
        assert_all_agree(DAY)


class TestAChangeOfWhatFiguresRestOn:
    def changed(self, figures, tmp_path, **company):
        """One publish that touched nothing, after the change; the customers it recomputed."""
        with configured(tmp_path, **company):
            assert is_behind()
            assert current_day() is None
            with pytest.raises(NothingToPush, match="figures are still those of before"):
                wanted_values(())
            recomputed = figures.publish()
            assert current_day() == DAY
            return recomputed

    def test_recomputes_everybody_at_the_next_publish(self, figures, tmp_path):
        acme = figures.linked()
        figures.customer("200")
        figures.rate("USD", "0.80")
        figures.invoice(acme, "100.00", ago(3), company_id="erp:10")
        figures.invoice(acme, "8.00", ago(3), company_id="erp:20")
        figures.roll_up()
        assert figures.publish() == 0
        assert self.changed(figures, tmp_path, reporting_currency="USD") == 2
        assert figures.figures(acme).revenue_ytd == Decimal(135)
        assert ErpInvoice.objects.filter(reporting_rate=Decimal("1.25")).count() == 2
        assert self.changed(figures, tmp_path, companies=["erp:20"]) == 2
        assert figures.figures(acme).revenue_ytd == Decimal(8)
        assert self.changed(figures, tmp_path, fiscal_year_start=3) == 2
        assert self.changed(figures, tmp_path, calendar="4-4-5", year_end="nearest") == 2
        figures.publish()
        assert figures.figures(acme).revenue_ytd == Decimal(108)

    def test_is_none_when_only_the_order_of_companies_or_an_unused_key_differs(self, figures, tmp_path):
        figures.linked()
        with configured(tmp_path, companies=["erp:10", "erp:20"]):
            figures.roll_up()
        with configured(tmp_path, companies=["erp:20", "erp:10"], week_ends="sunday", name="Other"):
            assert not is_behind()
            assert figures.publish() == 0

    def test_leaves_past_days_of_another_basis_out_of_every_comparison(self, figures, tmp_path):
        acme = figures.linked()
        figures.rate("USD", "0.80")
        figures.invoice(acme, "100.00", ago(40))
        figures.roll_up(ago(30))
        figures.roll_up()
        with configured(tmp_path, reporting_currency="USD"):
            # A past day alone is asked for: it is made of the documents in dollars all the same.
            call_command("rollup", "--as-of", ago(20).isoformat())
            assert figures.figures(acme, ago(20)).revenue_12m == Decimal(125)
            assert figures.figures(acme).revenue_12m == Decimal(125)
            assert current_day() == DAY
            days = dict(RollupDay.objects.values_list("as_of", "basis"))
            assert [days[day].partition(";")[0] for day in (ago(30), ago(20), DAY)] == ["EUR", "USD", "USD"]
            assert (first_kept_day(), kept_day(ago(30)), kept_day(ago(20))) == (ago(20), None, ago(20))

    def test_takes_days_of_before_the_basis_was_kept_for_those_of_today(self, figures, tmp_path):
        figures.linked()
        figures.roll_up(ago(1))
        RollupDay.objects.update(basis="")
        assert current_day() == ago(1)
        figures.roll_up()
        with configured(tmp_path, reporting_currency="USD"):
            assert is_behind()
        assert not RollupDay.objects.filter(basis="").exists()


def test_an_unknown_company_is_told_with_those_there_are(figures, tmp_path):
    notices = Notice.objects.filter(cleared_at=None)
    with configured(tmp_path, companies=["erp:77"]):
        figures.roll_up()
        # Before a source has told its companies nothing is unknown.
        assert not notices.exists()
        figures.company("10")
        figures.company("20")
        figures.publish()
        (check,) = check_notices()
        assert "names erp:77, which no source has. So no document of an ERP counts" in check.finding
        assert check.remedy == "Correct the line. There are: erp:10 (10), erp:20 (20)."
    with configured(tmp_path, companies=["erp:10"]):
        figures.publish()
        assert not notices.exists()


def test_a_later_day_keeps_the_past_one(figures):
    figures.linked()
    figures.roll_up()
    assert figures.publish(as_of=DAY + timedelta(days=1)) == 1
    assert RollupDay.objects.count() == 2


def test_a_search_finds_the_documents_that_lists_show(figures, tmp_path):
    acme = figures.linked()
    for number, company in (("R-1001", "erp:10"), ("R-1002", "erp:20")):
        figures.invoice(acme, "100.00", ago(5), company_id=company, number=number)
    figures.roll_up()
    analyst = User.objects.create_user("iris")
    analyst.groups.add(Group.objects.get_or_create(name="Analysts")[0])

    def found(text):
        return [hit.label for group in build_search(text, analyst, DAY).groups for hit in group.hits]

    assert sorted(found("R-100")) == ["R-1001", "R-1002"]
    with configured(tmp_path, companies=["erp:10"]):
        assert found("R-100") == ["R-1001"]
        assert found("R-1002") == []
