"""The data sets as their files source delivers them to the mirror: every row, every cent, every status."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Count, F, Q, Sum
from django.test import override_settings

from integration_hub.jobs import execute
from integration_hub.models import (
    ErpAllocation,
    ErpCustomer,
    ErpDelivery,
    ErpInvoice,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
    Run,
    RunStatus,
)
from integration_hub.runs import request_run
from tests.real_data.sets import INVENTED, data_or_skip

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sync(use):
    """`sync(name, source, folder)` loads a data set into the mirror; rollups are not part of these tests."""

    def load(name, source, folder) -> Run:
        use(name, folder)
        with override_settings(PUBLISH_HOOKS=[]):
            run = request_run("sync", source)
            execute(run.pk)
        run.refresh_from_db()
        assert (run.status, run.problem) == (RunStatus.SUCCEEDED, "")
        assert sum(stream.rejected + stream.duplicates for stream in run.streams.all()) == 0
        return run

    return load


def total(queryset, column="net_amount"):
    return queryset.aggregate(total=Sum(column))["total"]


def open_at(day: date):
    """Open amount per item at a day: items issued by then less what was allocated by then."""
    paid = Sum("allocations__amount", filter=Q(allocations__allocated_on__lte=day), default=Decimal(0))
    items = ErpOpenItem.objects.filter(issued_on__lte=day).annotate(left=F("amount") - paid)
    return items.exclude(left=0)


def overdue_at(day: date):
    return open_at(day).filter(due_on__lt=day)


@pytest.mark.external
def test_classic_models_arrives_whole(sync):
    sync("classicmodels", "classic", data_or_skip("classicmodels"))
    assert ErpCustomer.objects.count() == 122
    assert ErpCustomer.objects.annotate(orders_n=Count("orders")).filter(orders_n=0).count() == 24
    assert (ErpOrder.objects.count(), total(ErpOrder.objects)) == (326, Decimal("9604190.61"))
    assert ErpOrderLine.objects.count() == 2996
    assert total(ErpOrderLine.objects) == Decimal("9604190.61")
    top = ErpOrder.objects.values("customer__name").annotate(net=Sum("net_amount")).order_by("-net").first()
    assert top == {"customer__name": "Euro+ Shopping Channel", "net": Decimal("820689.54")}
    taken = ErpOrder.objects.exclude(status="cancelled")
    assert (taken.count(), total(taken)) == (320, Decimal("9365336.43"))
    years = {year: total(taken.filter(ordered_on__year=year)) for year in (2003, 2004, 2005)}
    assert years == {2003: Decimal("3250217.70"), 2004: Decimal("4344182.02"), 2005: Decimal("1770936.71")}
    assert (ErpInvoice.objects.count(), ErpDelivery.objects.count()) == (310, 312)
    assert (ErpPayment.objects.count(), ErpAllocation.objects.count()) == (302, 302)


@pytest.mark.external
def test_classic_models_receivables_at_a_day_follow_from_items_and_dated_allocations(sync):
    sync("classicmodels", "classic", data_or_skip("classicmodels"))
    day = date(2005, 5, 31)
    assert (open_at(day).count(), total(open_at(day), "left")) == (10, Decimal("265739.33"))
    assert (overdue_at(day).count(), total(overdue_at(day), "left")) == (5, Decimal("114809.40"))
    last_year = date(2004, 12, 31)
    assert (open_at(last_year).count(), total(open_at(last_year), "left")) == (3, Decimal("81540.88"))
    assert (overdue_at(last_year).count(), total(overdue_at(last_year), "left")) == (1, Decimal("17104.91"))


@pytest.mark.external
def test_northwind_keeps_four_decimals(sync):
    sync("northwind", "northwind", data_or_skip("northwind"))
    assert (ErpOrder.objects.count(), total(ErpOrder.objects)) == (830, Decimal("1265793.0395"))
    assert total(ErpOrderLine.objects) == Decimal("1265793.0395")
    assert total(ErpOrder.objects.filter(customer="northwind:QUICK")) == Decimal("110277.3050")
    waiting = ErpOrder.objects.filter(shipped_on=None)
    assert (waiting.count(), total(waiting)) == (21, Decimal("25937.4305"))
    assert ErpOrder.objects.filter(shipped_on__gt=F("requested_on")).count() == 37
    assert waiting.filter(requested_on__lt=date(1998, 5, 7)).count() == 1


def test_the_invented_models_dealer_arrives_whole(sync):
    sync("classicmodels", "classic", INVENTED)
    assert list(ErpCustomer.objects.order_by("key").values_list("key", "name")) == [
        ("classic:301", "Harbour Light Models"),
        ("classic:302", "Veldkamp, Zonen & Co"),
        ("classic:303", "Ateliê Miniatura"),
        ("classic:304", "Never Ordered Ltd"),
    ]
    assert total(ErpOrder.objects) == total(ErpOrderLine.objects) == Decimal("7380.99")
    assert set(ErpOrder.objects.values_list("status", "source_status", "hold_reason")) == {
        ("done", "Shipped", ""),
        ("done", "Resolved", ""),
        ("cancelled", "Cancelled", ""),
        ("open", "Disputed", "Disputed"),
        ("open", "On Hold", "On hold"),
        ("open", "In Process", ""),
    }
    assert set(ErpOrder.objects.values_list("currency", flat=True)) == {"USD"}
    # A payment over two invoices stays two rows under one number.
    assert ErpPayment.objects.filter(number="AA100").count() == 2
    assert total(ErpPayment.objects, "amount") == total(ErpAllocation.objects, "amount") == Decimal("5570.49")
    day = date(2005, 5, 31)
    assert list(overdue_at(day).values_list("key", "left")) == [("classic:INV7005", Decimal("1000.0000"))]
    assert total(open_at(date(2004, 6, 30)), "left") == Decimal("800.00")


def test_lines_and_deliveries_without_a_customer_take_that_of_their_order(sync):
    sync("classicmodels", "classic", INVENTED)
    assert set(ErpOrderLine.objects.filter(order="classic:7001").values_list("customer", flat=True)) == {"classic:301"}
    assert ErpDelivery.objects.get(key="classic:D7003").customer_id == "classic:302"


def test_the_invented_grocer_keeps_four_decimals_and_its_discounts(sync):
    sync("northwind", "northwind", INVENTED)
    assert total(ErpOrder.objects) == total(ErpOrderLine.objects) == Decimal("411.9250")
    line = ErpOrderLine.objects.get(key="northwind:9004/1")
    assert (line.discount_percent, line.net_amount) == (Decimal(25), Decimal("14.4375"))


def test_reading_the_same_files_again_changes_nothing(sync):
    sync("classicmodels", "classic", INVENTED)
    before = list(ErpOrder.objects.order_by("key").values())
    second = sync("classicmodels", "classic", INVENTED)
    assert sum(stream.inserted + stream.updated + stream.deleted for stream in second.streams.all()) == 0
    assert list(ErpOrder.objects.order_by("key").values()) == before
