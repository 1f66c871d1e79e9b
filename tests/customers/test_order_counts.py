"""Orders count alike everywhere, whether they have a rate to the reporting currency or not; only money asks for one."""

from decimal import Decimal

from customers.measures import get_measure
from customers.models import Customer, CustomerMonth
from customers.rfm import expressions, score_of
from customers.rfm_scales import Scales
from tests.customers.world import DAY, ago


def test_every_order_counts_and_only_money_asks_for_a_rate(figures) -> None:
    acme = figures.linked("Acme", "100")
    figures.order(acme, "100.00", ago(3))
    figures.order(acme, "900000.00", ago(40), currency="JPY")
    figures.order(acme, "700000.00", ago(2), currency="JPY", status="cancelled")
    figures.order(acme, "600000.00", ago(1), currency="JPY", status="quote")
    figures.order(acme, "800000.00", ago(400), currency="JPY")
    figures.roll_up()
    rollup = figures.figures(acme)
    assert (rollup.order_count, rollup.order_count_12m, rollup.priced_order_count_12m) == (3, 2, 1)
    assert (rollup.order_intake_12m, rollup.average_order_value) == (Decimal(100), Decimal(100))
    months = CustomerMonth.objects.order_by("month").values_list("order_count", "order_intake")
    assert list(months) == [(1, Decimal(0)), (1, Decimal(0)), (1, Decimal(100))]
    assert rollup.order_parts_12m == 1
    for name in ("order_count", "order_count_12m", "priced_order_count_12m", "order_parts_12m"):
        documents = get_measure(name).documents(Customer.objects.all(), DAY)
        assert sum(row.counted for row in documents) == getattr(rollup, name), name


def test_rfm_counts_the_same_orders_by_either_setting_and_divides_by_those_with_a_rate(figures) -> None:
    acme = figures.linked("Acme", "100")
    figures.order(acme, "100.00", ago(3))
    for days in (10, 20, 30):
        figures.order(acme, "900000.00", ago(days), currency="JPY")
    figures.invoice(acme, "100.00", ago(2))
    figures.roll_up()
    rollup = figures.figures(acme)
    steps = (Decimal(30), Decimal(60), Decimal(100), Decimal(101))
    for orders in ("all", "12m"):
        scales = Scales(orders=orders, amount="average", frequency=(2, 3, 4, 5), monetary=steps)
        score = score_of(rollup, scales)
        assert (score.orders, score.frequency, score.amount, score.monetary) == (4, 4, Decimal(100), 4)
        told = type(rollup).objects.annotate(digits=expressions(scales)["digits"]).get(pk=rollup.pk)
        assert told.digits == score.digits
