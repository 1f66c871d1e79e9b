"""What each figure counts, in small worlds of one or two documents."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from customers.measures import MEASURES, Unit, get_measure, not_converted
from customers.models import Customer, CustomerRollup
from integration_hub.models import SfAccount
from tests.customers.conftest import configured
from tests.customers.world import DAY, READ_AT, ago


@pytest.fixture
def acme(figures):
    return figures.linked("Acme", "100")


def stored(figures, customer, name, as_of=DAY):
    figures.roll_up(as_of)
    return getattr(figures.figures(customer, as_of), name)


class TestRevenue:
    def test_counts_posted_lines_net_of_tax_without_down_payments_and_texts(self, figures, acme):
        invoice = figures.invoice(acme, "999.00", ago(3), gross_amount=Decimal(1200))
        figures.invoice_line(invoice, "100.00")
        figures.invoice_line(invoice, "20.00", kind="charge")
        figures.invoice_line(invoice, "-30.00", kind="down_payment")
        figures.invoice_line(invoice, None, kind="text")
        assert stored(figures, acme, "revenue_ytd") == Decimal("120.00")

    def test_of_an_invoice_without_lines_is_its_net_amount(self, figures, acme):
        figures.invoice(acme, "100.00", ago(3), gross_amount=Decimal(119))
        assert stored(figures, acme, "revenue_ytd") == Decimal("100.00")

    def test_of_an_invoice_with_nothing_but_a_gross_amount_is_that(self, figures, acme):
        figures.invoice(acme, None, ago(3), gross_amount=Decimal("119.00"))
        assert stored(figures, acme, "revenue_ytd") == Decimal("119.00")

    def test_ignores_lines_that_the_source_took_back(self, figures, acme):
        invoice = figures.invoice(acme, "5.00", ago(3))
        figures.invoice_line(invoice, "100.00")
        figures.invoice_line(invoice, "900.00", deleted_at=READ_AT)
        assert stored(figures, acme, "revenue_ytd") == Decimal("100.00")

    def test_goes_down_by_a_credit_note(self, figures, acme):
        figures.invoice(acme, "100.00", ago(5))
        figures.invoice(acme, "-40.00", ago(3), kind="credit_note")
        assert stored(figures, acme, "revenue_ytd") == Decimal("60.00")

    def test_of_a_reversed_invoice_and_its_reversal_is_zero(self, figures, acme):
        invoice = figures.invoice(acme, "100.00", ago(5), status="reversed")
        figures.invoice(acme, "-100.00", ago(3), kind="credit_note", status="paid", reverses=invoice)
        figures.roll_up()
        assert figures.figures(acme).revenue_ytd == 0
        documents = get_measure("revenue_ytd").documents(Customer.objects.all(), DAY)
        assert sorted(row.counted for row in documents) == [Decimal(-100), Decimal(100)]

    @pytest.mark.parametrize(
        "values", [{"status": "draft"}, {"status": "cancelled"}, {"kind": "down_payment"}, {"deleted_at": READ_AT}]
    )
    def test_leaves_out(self, figures, acme, values):
        figures.invoice(acme, "100.00", ago(3), **values)
        assert stored(figures, acme, "revenue_ytd") == 0

    def test_belongs_to_the_posting_date_not_to_the_invoice_date(self, figures, acme):
        figures.invoice(acme, "100.00", date(2025, 12, 30), posted_on=date(2026, 1, 2))
        figures.roll_up()
        assert figures.figures(acme).revenue_ytd == Decimal(100)
        assert figures.figures(acme).revenue_last_year == 0

    def test_dated_tomorrow_does_not_count_yet(self, figures, acme):
        figures.invoice(acme, "100.00", DAY + timedelta(days=1))
        figures.roll_up()
        assert figures.figures(acme).revenue_ytd == 0
        figures.roll_up(DAY + timedelta(days=1))
        assert figures.figures(acme, DAY + timedelta(days=1)).revenue_ytd == Decimal(100)

    def test_follows_the_fiscal_year(self, figures, acme, tmp_path):
        figures.invoice(acme, "1.00", date(2025, 6, 30))
        figures.invoice(acme, "10.00", date(2025, 7, 1))
        figures.invoice(acme, "100.00", date(2024, 7, 1))
        with configured(tmp_path, fiscal_year_start=7):
            figures.roll_up()
        rollup = figures.figures(acme)
        assert (rollup.revenue_ytd, rollup.revenue_last_year) == (Decimal(10), Decimal(101))

    def test_keeps_four_decimals(self, figures, acme):
        figures.invoice(acme, "0.0049", ago(2))
        figures.invoice(acme, "0.0049", ago(2))
        assert stored(figures, acme, "revenue_ytd") == Decimal("0.0098")


class TestConversion:
    def test_uses_the_rate_that_held_on_the_document_s_day(self, figures, acme):
        figures.rate("USD", "0.90", ago(100))
        figures.rate("USD", "0.80", ago(10))
        figures.invoice(acme, "100.00", ago(11), currency="USD")
        figures.invoice(acme, "100.00", ago(10), currency="USD")
        assert stored(figures, acme, "revenue_ytd") == Decimal("170.00")

    def test_prefers_the_document_s_own_rate(self, figures, acme):
        figures.rate("USD", "0.90")
        figures.invoice(acme, "100.00", ago(3), currency="USD", company_currency="EUR", exchange_rate=Decimal("0.85"))
        assert stored(figures, acme, "revenue_ytd") == Decimal("85.00")

    def test_goes_on_from_the_books_of_a_company_in_another_currency(self, figures, acme):
        figures.rate("USD", "0.90")
        figures.invoice(acme, "100.00", ago(3), currency="CAD", company_currency="USD", exchange_rate=Decimal("0.70"))
        assert stored(figures, acme, "revenue_ytd") == Decimal("63.00")

    def test_turns_a_rate_that_is_stated_the_other_way_round(self, figures, acme):
        figures.rate("EUR", "1.25", base="USD")
        figures.invoice(acme, "100.00", ago(3), currency="USD")
        assert stored(figures, acme, "revenue_ytd") == Decimal("80.00")

    def test_rounds_once_per_document_and_half_up(self, figures, acme):
        figures.rate("USD", "0.5")
        for amount in ("0.01", "0.01", "-0.01"):
            figures.invoice(acme, amount, ago(3), currency="USD")
        assert stored(figures, acme, "revenue_ytd") == Decimal("0.01")

    def test_a_document_without_a_rate_is_listed_and_never_added(self, figures, acme):
        invoice = figures.invoice(acme, "100.00", ago(3), currency="JPY")
        order = figures.order(acme, "100.00", ago(3), currency="JPY")
        item = figures.item(acme, "100.00", ago(3), ago(1), currency="JPY")
        deal = figures.deal(SfAccount.objects.get(), "100.00", ago(3), currency="JPY")
        figures.invoice(acme, "1.00", ago(3))
        figures.roll_up()
        rollup = figures.figures(acme)
        assert (rollup.revenue_ytd, rollup.order_intake, rollup.overdue_amount) == (Decimal(1), 0, 0)
        assert (rollup.won_amount_12m, rollup.won_count_12m) == (0, 0)
        assert rollup.not_converted_count == 4
        listed = not_converted(Customer.objects.all(), DAY)
        assert {kind: [row.key for row in rows] for kind, rows in listed.items()} == {
            "invoice": [invoice.key],
            "order": [order.key],
            "open_item": [item.key],
            "payment": [],
            "opportunity": [deal.key],
        }

    @pytest.mark.parametrize("own_rate", [None, Decimal(0)])
    def test_t5_a_rate_of_zero_is_no_rate(self, figures, acme, own_rate):
        figures.rate("USD", "0")
        own = {"company_currency": "EUR", "exchange_rate": own_rate} if own_rate is not None else {}
        figures.invoice(acme, "100.00", ago(3), currency="USD", **own)
        figures.invoice(acme, "1.00", ago(3))
        figures.roll_up()
        rollup = figures.figures(acme)
        assert (rollup.revenue_ytd, rollup.not_converted_count) == (Decimal(1), 1)

    def test_a_document_before_the_first_rate_is_not_converted(self, figures, acme):
        figures.rate("USD", "0.90", ago(2))
        figures.invoice(acme, "100.00", ago(3), currency="USD")
        figures.roll_up()
        assert figures.figures(acme).not_converted_count == 1

    def test_a_document_without_a_day_is_listed_too(self, figures, acme):
        figures.invoice(acme, "100.00", None)
        figures.roll_up()
        assert figures.figures(acme).not_converted_count == 1
        assert figures.figures(acme).revenue_12m == 0

    def test_new_rates_recompute_documents_that_no_publish_touched(self, figures, acme):
        figures.invoice(acme, "100.00", ago(3), currency="USD")
        figures.roll_up()
        figures.rate("USD", "0.90")
        figures.publish(changed=["erp_currency_rate"])
        assert figures.figures(acme).revenue_ytd == Decimal("90.00")
        assert figures.figures(acme).not_converted_count == 0


class TestDeals:
    def test_average_deal_size_is_won_amount_by_number_of_the_last_12_months(self, figures):
        account = figures.account()
        figures.deal(account, "100.00", ago(5))
        figures.deal(account, "50.01", ago(364))
        figures.deal(account, "9000.00", ago(366))
        figures.deal(account, "9000.00", ago(5), is_won=False)
        figures.roll_up()
        rollup = figures.figures(account)
        assert (rollup.won_amount_12m, rollup.won_count_12m) == (Decimal("150.01"), 2)
        assert rollup.average_deal_size == Decimal("75.01")

    def test_there_is_no_average_where_nothing_was_won(self, figures):
        account = figures.account()
        figures.roll_up()
        assert figures.figures(account).average_deal_size is None


def test_order_intake_leaves_out_cancelled_orders_and_quotes_but_orders_received_keeps_the_cancelled(figures, acme):
    figures.order(acme, "100.00", ago(3))
    figures.order(acme, "20.00", ago(2), status="cancelled")
    figures.order(acme, "3.00", ago(1), status="quote")
    figures.roll_up()
    rollup = figures.figures(acme)
    assert (rollup.order_intake, rollup.order_count) == (Decimal(100), 1)
    assert (rollup.orders_received, rollup.orders_received_count) == (Decimal(120), 2)
    assert rollup.last_order_on == ago(3)


def test_average_order_value_takes_the_orders_of_the_same_12_months(figures, acme):
    figures.order(acme, "100.00", ago(3))
    figures.order(acme, "50.01", ago(300))
    figures.order(acme, "5000.00", ago(400))
    assert stored(figures, acme, "average_order_value") == Decimal("75.01")


def test_an_order_amount_that_only_its_lines_tell_is_their_sum(figures, acme):
    order = figures.order(acme, None, ago(3))
    figures.order_line(order, "1", "40.00")
    figures.order_line(order, "1", "2.00")
    assert stored(figures, acme, "order_intake") == Decimal(42)


def test_dso_is_the_open_amount_by_a_year_s_revenue_in_days(figures, acme):
    figures.invoice(acme, "3650.00", ago(30))
    figures.item(acme, "100.00", ago(30), ago(1))
    assert stored(figures, acme, "dso") == Decimal("10.0")


def test_every_measure_has_a_column_a_definition_and_documents_or_parts():
    columns = {field.name for field in CustomerRollup._meta.get_fields()}
    for name, measure in MEASURES.items():
        assert measure.column in columns
        assert measure.definition.endswith(".")
        assert measure.label[:1] == measure.label[:1].upper() != ""
        if measure.kind == "ratio":
            parts = {get_measure(measure.numerator).kind, get_measure(measure.denominator).kind}
            assert parts <= {"sum", "count"}
        else:
            assert measure.document_kind, name


def test_a_ratio_has_no_documents_but_says_which_parts_to_open():
    with pytest.raises(TypeError, match="won_amount_12m and won_count_12m"):
        get_measure("average_deal_size").documents(Customer.objects.all(), DAY)


def test_an_unknown_measure_names_the_ones_there_are():
    with pytest.raises(KeyError, match="revenue_ytd"):
        get_measure("turnover")


def test_a_ratio_rounds_half_up_once_and_has_no_value_without_denominator():
    size = get_measure("average_deal_size")
    assert size.ratio(Decimal("0.01"), 2) == Decimal("0.01")
    assert size.ratio(Decimal("10.00"), 0) is None
    assert get_measure("dso").ratio(Decimal(1), Decimal(730)) == Decimal("0.5")
    assert get_measure("dso").unit is Unit.DAYS
