"""Measures of selling: revenue, orders, deliveries, deals."""

from datetime import date

from django.db.models import F

from customers import counted
from customers.calendar import Period
from customers.counted import Documents
from customers.measures_delivery import LATE_LINES, ON_TIME
from customers.measures_shape import Customers, Measure, Unit

POSTED = "Posted invoices net of tax, less credit notes, without down payments, by posting date"
ORDERED = "Net amount of orders, without cancelled orders and quotes, by order date"
OPEN_SHARE = "An order without lines is open as a whole until it is delivered."
# What is open or late is so without a rate too; only its amount is not known in the reporting currency.
WITHOUT_RATE = "What has no rate to the reporting currency is among the rows and adds nothing."
ALSO_WITHOUT_RATE = "Also those without a rate to the reporting currency, which are in no amount."


def _revenue(customers: Customers, _as_of: date, period: Period) -> Documents:
    return counted.revenue(customers, period)


def _intake(customers: Customers, as_of: date, period: Period) -> Documents:
    orders = counted.converted(counted.orders(customers, as_of))
    return orders.filter(counted.in_period("ordered_on", period))


def _intake_each(customers: Customers, as_of: date, period: Period) -> Documents:
    return counted.each_once(_intake(customers, as_of, period))


def _ordered_each(customers: Customers, as_of: date, period: Period) -> Documents:
    return counted.each_once(counted.orders(customers, as_of).filter(counted.in_period("ordered_on", period)))


def _received(customers: Customers, as_of: date, _period: Period) -> Documents:
    return counted.orders_received(customers, as_of)


def _orders(customers: Customers, as_of: date, _period: Period) -> Documents:
    return counted.orders(customers, as_of)


def _by_day(customers: Customers, as_of: date, period: Period) -> Documents:
    return counted.annotated(_orders(customers, as_of, period), counted=F("ordered_on"))


def _won(customers: Customers, _as_of: date, period: Period) -> Documents:
    return counted.converted(counted.won_deals(customers, period))


def _revenue_measure(name: str, label: str, period: str, words: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=Unit.MONEY,
        kind="sum",
        definition=f"{POSTED}: {words}.",
        document_kind="invoice",
        better="up",
        rows=_revenue,
        period_name=period,
    )


def _intake_measure(name: str, label: str, period: str, words: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=Unit.MONEY,
        kind="sum",
        definition=f"{ORDERED}: {words}.",
        document_kind="order",
        better="up",
        rows=_intake,
        period_name=period,
    )


REVENUE = (
    _revenue_measure("revenue_ytd", "Revenue this year", "year_to_date", "this fiscal year up to the day"),
    _revenue_measure(
        "revenue_ytd_prior", "Revenue, same days last year", "same_days_last_year", "the same days of last fiscal year"
    ),
    _revenue_measure("revenue_last_year", "Revenue last year", "last_year", "the last full fiscal year"),
    _revenue_measure(
        "revenue_year_before_last", "Revenue, year before last", "year_before_last", "the fiscal year before the last"
    ),
    _revenue_measure("revenue_12m", "Revenue, 12 months", "last_12_months", "the 12 months up to the day"),
    _revenue_measure("revenue_prior_12m", "Revenue, 12 months before", "prior_12_months", "the 12 months before those"),
)

ORDERS = (
    _intake_measure("order_intake", "Order intake", "", "all up to the day"),
    _intake_measure("order_intake_ytd", "Order intake this year", "year_to_date", "this fiscal year up to the day"),
    _intake_measure("order_intake_last_year", "Order intake last year", "last_year", "the last full fiscal year"),
    _intake_measure("order_intake_12m", "Order intake, 12 months", "last_12_months", "the 12 months up to the day"),
    Measure(
        name="orders_received",
        label="Orders received",
        unit=Unit.MONEY,
        kind="sum",
        definition="Net amount of all orders up to the day, also of those cancelled since; quotes are no orders.",
        document_kind="order",
        rows=lambda customers, as_of, period: counted.converted(_received(customers, as_of, period)),
    ),
    Measure(
        name="orders_received_count",
        label="Number of orders received",
        unit=Unit.COUNT,
        kind="count",
        definition="All orders up to the day, also those cancelled since; quotes are no orders.",
        document_kind="order",
        rows=lambda customers, as_of, period: counted.each_once(_received(customers, as_of, period)),
    ),
    Measure(
        name="order_count",
        label="Number of orders",
        unit=Unit.COUNT,
        kind="count",
        definition="Orders up to the day, without cancelled orders and quotes.",
        document_kind="order",
        better="up",
        rows=lambda customers, as_of, period: counted.each_once(_orders(customers, as_of, period)),
    ),
    Measure(
        name="order_count_12m",
        label="Orders, 12 months",
        unit=Unit.COUNT,
        kind="count",
        definition="Orders of the 12 months up to the day, without cancelled orders and quotes.",
        document_kind="order",
        better="up",
        rows=_ordered_each,
        period_name="last_12_months",
    ),
    Measure(
        name="priced_order_count_12m",
        label="Orders with a rate, 12 months",
        unit=Unit.COUNT,
        kind="count",
        definition="Orders of the 12 months up to the day that have an amount in the reporting currency, "
        "without cancelled orders and quotes.",
        document_kind="order",
        better="up",
        rows=_intake_each,
        period_name="last_12_months",
    ),
    Measure(
        name="order_parts_12m",
        label="Orders with a rate by their parts, 12 months",
        unit=Unit.PARTS,
        kind="sum",
        definition="Orders of the 12 months up to the day that have an amount in the reporting currency, "
        "without cancelled orders and quotes; one that a rule divides between accounts counts with the same part as "
        "its amount. What an order is worth on average is divided by these.",
        document_kind="order",
        better="up",
        rows=_intake_each,
        period_name="last_12_months",
    ),
    Measure(
        name="average_order_value",
        label="Average order value",
        unit=Unit.MONEY,
        kind="ratio",
        definition="Order intake of 12 months divided by the number of its orders; those without a rate to the "
        "reporting currency are in neither. Of an order that a rule divides between accounts both take the same part, "
        "so it is the size of whole orders and no rule changes it over all accounts.",
        better="up",
        numerator="order_intake_12m",
        denominator="order_parts_12m",
    ),
    Measure(
        name="first_order_on",
        label="First order",
        unit=Unit.DATE,
        kind="min",
        definition="Day of the first order that was neither cancelled nor a mere quote.",
        document_kind="order",
        rows=_by_day,
    ),
    Measure(
        name="last_order_on",
        label="Last order",
        unit=Unit.DATE,
        kind="max",
        definition="Day of the latest order that was neither cancelled nor a mere quote.",
        document_kind="order",
        rows=_by_day,
    ),
)

DELIVERIES = (
    *ON_TIME,
    *LATE_LINES,
    Measure(
        name="open_orders_amount",
        label="Open orders",
        unit=Unit.MONEY,
        kind="sum",
        definition="Undelivered share of the net amount of orders not fully delivered at the day. "
        f"{OPEN_SHARE} {WITHOUT_RATE}",
        counted_as="open_orders_count",
        document_kind="order",
        rows=lambda customers, as_of, _period: counted.open_orders(customers, as_of),
    ),
    Measure(
        name="open_orders_count",
        label="Number of open orders",
        unit=Unit.COUNT,
        kind="count",
        definition=f"Orders with something still to deliver at the day. {ALSO_WITHOUT_RATE}",
        document_kind="order",
        rows=lambda customers, as_of, _period: counted.each_once(counted.open_orders(customers, as_of)),
    ),
    Measure(
        name="late_orders_count",
        label="Late open orders",
        unit=Unit.COUNT,
        kind="count",
        definition="Open orders past the promised day, or past the requested one where nothing was promised. "
        f"{ALSO_WITHOUT_RATE}",
        document_kind="order",
        better="down",
        rows=lambda customers, as_of, _period: counted.each_once(counted.late_orders(customers, as_of)),
    ),
    Measure(
        name="late_orders_amount",
        label="Late deliveries",
        unit=Unit.MONEY,
        kind="sum",
        definition="Undelivered share of the net amount of open orders past the promised day, or past the requested "
        f"one where nothing was promised. {WITHOUT_RATE}",
        counted_as="late_orders_count",
        document_kind="order",
        better="down",
        rows=lambda customers, as_of, _period: counted.late_orders(customers, as_of),
    ),
    Measure(
        name="shipped_late_count",
        label="Orders shipped late",
        unit=Unit.COUNT,
        kind="count",
        definition="Orders whose last delivery came after the promised day, or after the requested one where nothing "
        "was promised; all up to the day.",
        document_kind="order",
        better="down",
        rows=lambda customers, as_of, _period: counted.each_once(counted.shipped_late(customers, as_of)),
    ),
    Measure(
        name="delivered_not_invoiced",
        label="Delivered, not invoiced",
        unit=Unit.MONEY,
        kind="sum",
        definition="Share of the net amount of orders that was delivered but not yet invoiced at the day. Credit notes "
        f"and returns open nothing again; a source without invoices has none. {WITHOUT_RATE}",
        document_kind="order",
        better="down",
        rows=lambda customers, as_of, _period: counted.delivered_not_invoiced(customers, as_of),
    ),
)

DEALS = (
    Measure(
        name="won_amount_12m",
        label="Won deals, 12 months",
        unit=Unit.MONEY,
        kind="sum",
        definition="Amount of Salesforce opportunities won with a close date in the 12 months up to the day.",
        document_kind="opportunity",
        better="up",
        rows=_won,
        period_name="last_12_months",
    ),
    Measure(
        name="won_count_12m",
        label="Number of won deals, 12 months",
        unit=Unit.COUNT,
        kind="count",
        definition="Salesforce opportunities won with a close date in the 12 months up to the day that have an amount.",
        document_kind="opportunity",
        better="up",
        rows=lambda customers, as_of, period: counted.each_once(_won(customers, as_of, period)),
        period_name="last_12_months",
    ),
    Measure(
        name="average_deal_size",
        label="Average deal size",
        unit=Unit.MONEY,
        kind="ratio",
        definition="Amount of deals won in 12 months by their number; Salesforce opportunities, not ERP orders.",
        better="up",
        numerator="won_amount_12m",
        denominator="won_count_12m",
    ),
)
