"""Which sales documents count towards a figure, and by how much: QuerySets with `counted` in the reporting currency.

The same rules stand in customers/sql, which computes the stored figures; tests hold both against each other.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    DateField,
    Exists,
    Expression,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Round

from customers.calendar import Period
from customers.companies import counting, of_companies
from customers.known import mine
from customers.models import Customer
from customers.parts import NUMBER
from customers.relations import through
from integration_hub.models import (
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOrder,
    ErpOrderLine,
    SfOpportunity,
)
from integration_hub.models.common import Mirrored, QuantityField

Documents = QuerySet[Any]
ONE = Value(1, output_field=IntegerField())
ZERO, WHOLE = Value(Decimal(0), output_field=NUMBER), Value(Decimal(1), output_field=NUMBER)
# Documents that are no revenue: never posted, void, or money in advance.
NO_REVENUE = Q(status__in=("draft", "cancelled")) | Q(kind="down_payment")
# Invoices that bill what was delivered. A credit note or a reversal does not open the delivery again.
BILLS = Q(deleted_at=None, kind__in=("invoice", "receipt"), revenue_on__isnull=False) & ~Q(
    status__in=("draft", "cancelled", "reversed")
)


def live(model: type[Mirrored]) -> Documents:
    """Rows that the source still has."""
    rows: Documents = model.objects.live()
    return rows


def annotated(documents: Documents, **expressions: Any) -> Documents:
    """The same documents with further columns; keeps their type, which the stubs lose."""
    found: Documents = documents.annotate(**expressions)
    return found


def in_period(column: str, period: Period) -> Q:
    """Days of the period, both ends included."""
    return Q(**{f"{column}__range": (period.start, period.end)})


def revenue(customers: QuerySet[Customer], period: Period) -> Documents:
    """Posted invoices, credit notes and debit notes of a period."""
    return converted(counting(ErpInvoice).filter(in_period("revenue_on", period), mine(customers).held("invoice")))


def orders_received(customers: QuerySet[Customer], as_of: date) -> Documents:
    """All orders up to a day, cancelled ones too; quotes are no orders."""
    found = counting(ErpOrder).filter(mine(customers).held("order"), ordered_on__lte=as_of)
    return found.exclude(status="quote")


def orders(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Orders up to a day that were neither cancelled nor mere quotes."""
    return orders_received(customers, as_of).exclude(status="cancelled")


def converted(documents: Documents) -> Documents:
    """Only documents that have an amount in the reporting currency, counted by it."""
    return annotated(documents.filter(reporting_amount__isnull=False), counted=F("reporting_amount"))


def each_once(documents: Documents) -> Documents:
    """Every document counts one."""
    return annotated(documents, counted=ONE)


def shipped_late(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Orders whose last delivery came after the promised day, or the requested one where nothing was promised."""
    due = Coalesce("promised_on", "requested_on", output_field=DateField())
    delivered = orders(customers, as_of).filter(fully_delivered_on__lte=as_of)
    return annotated(delivered, due=due).filter(fully_delivered_on__gt=F("due"))


def delivered(customers: QuerySet[Customer], as_of: date, period: Period) -> Documents:
    """Orders delivered whole in a period that were due on some day; those closed short were never delivered whole."""
    due = Coalesce("promised_on", "requested_on", output_field=DateField())
    found = orders(customers, as_of).exclude(status="closed").filter(in_period("fully_delivered_on", period))
    return annotated(found, due=due).exclude(due=None)


def open_orders(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Orders with something to deliver at a day, counted by the undelivered share of their net amount; null for one
    without an amount in the reporting currency, which is open all the same.
    """
    candidates = orders(customers, as_of).filter(Q(fully_delivered_on=None) | Q(fully_delivered_on__gt=as_of))
    return _by_share(candidates, _share(as_of, _open_part()), without_lines=WHOLE)


def late_orders(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Open orders past the promised day, or the requested one where nothing was promised."""
    due = Coalesce("promised_on", "requested_on", output_field=DateField())
    return annotated(open_orders(customers, as_of), due=due).filter(due__lt=as_of)


def due_lines(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Lines of goods of orders not delivered at a day, past the day (`due`) promised for the line or its order."""
    due = Coalesce("promised_on", "order__promised_on", "order__requested_on", output_field=DateField())
    is_open = Q(fully_delivered_on=None) | Q(fully_delivered_on__gt=as_of)
    counts = Q(deleted_at=None, ordered_on__lte=as_of)
    opened = counts & of_companies() & is_open & ~Q(status__in=("quote", "cancelled"))
    # One join instead of a subquery of orders: it begins with the few open orders of the customers.
    lines = live(ErpOrderLine).filter(
        mine(customers).held("order", "order"),
        through("order", opened),
        of_companies("order__company"),
        cancelled=False,
        kind="goods",
        quantity__gt=0,
    )
    return annotated(lines, due=due).filter(due__lt=as_of)


def late_lines(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Due lines with something to deliver, counted by the undelivered part of their net amount, which is null where
    their order has none in the reporting currency; `missing` is the undelivered quantity.
    """
    lines = annotated(due_lines(customers, as_of), wanted=F("quantity"), shipped=_shipped(as_of))
    found = annotated(lines, open_part=_open_part()).exclude(open_part=0)
    rate = Coalesce("order__reporting_rate", Decimal(0), output_field=NUMBER)
    net = Coalesce("net_amount", Decimal(0), output_field=NUMBER)
    worth = Round(net * F("open_part") * rate, precision=2, output_field=NUMBER)
    return annotated(
        found,
        # Two thirds are no decimal, so the product is rounded as quantities are kept.
        missing=Round(F("wanted") * F("open_part"), precision=QuantityField.places, output_field=NUMBER),
        counted=Case(When(order__reporting_amount__isnull=False, then=worth), output_field=NUMBER),
    )


def delivered_not_invoiced(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Orders with something delivered but not invoiced at a day, counted by that share of their net amount; null for
    one without an amount in the reporting currency.
    """
    candidates = orders(customers, as_of).filter(Q(fully_invoiced_on=None) | Q(fully_invoiced_on__gt=as_of))
    bills = ErpInvoice.objects.filter(BILLS, order=OuterRef("pk"), revenue_on__lte=as_of)
    unbilled = Case(
        When(Q(fully_delivered_on__lte=as_of) & ~Exists(_naming_only_the_order(bills)), then=WHOLE), default=ZERO
    )
    return _by_share(candidates, _share(as_of, _unbilled_part(as_of)), without_lines=unbilled)


def _by_share(candidates: Documents, share: Subquery, *, without_lines: Expression) -> Documents:
    """Orders counted by a share of their amount; a whole one is not rounded, as nothing was divided."""
    shared = annotated(candidates, share=Coalesce(share, without_lines, output_field=NUMBER)).exclude(share=0)
    part = Round(F("reporting_amount") * F("share"), precision=2, output_field=NUMBER)
    whole = When(share=1, then=F("reporting_amount"))
    return annotated(shared, counted=Case(whole, default=part, output_field=NUMBER))


def _share(as_of: date, part: Expression) -> Subquery:
    """An order's share, weighted by the net amount of its lines, of cancelled ones too where the order's own amount
    still holds them; null for an order without lines.
    """
    net, counts = Coalesce("net_amount", Decimal(0), output_field=NUMBER), Q(cancelled=False)
    kept = Sum("net", filter=counts, default=Decimal(0))
    some = Sum(F("net") * F("part"), filter=counts, default=Decimal(0), output_field=NUMBER)
    held = Q(order__net_amount__isnull=False) & Q(every=F("order__net_amount"))
    return Subquery(
        _lines(as_of)
        .annotate(net=net, part=part)
        .values("order", "order__net_amount")
        .annotate(every=Sum("net"), kept=kept, some=some, most=Max("part", filter=counts))
        .annotate(whole=Case(When(held, then=F("every")), default=F("kept"), output_field=NUMBER))
        .annotate(
            answer=Case(
                When(Q(most=None) & ~held, then=Value(None)),
                When(~Q(whole=0), then=F("some") / F("whole")),
                When(most__gt=0, then=WHOLE),
                default=ZERO,
                output_field=NUMBER,
            )
        )
        .values("answer"),
        output_field=NUMBER,
    )


def _lines(as_of: date) -> Documents:
    """The lines of the order around, with what was shipped and billed of each up to a day (null: nobody says)."""
    lines = live(ErpOrderLine).filter(order=OuterRef("pk")).exclude(kind="text").order_by()
    bills = live(ErpInvoiceLine).filter(through("invoice", BILLS), order_line=OuterRef("pk"))
    headers = ErpInvoice.objects.filter(BILLS, order=OuterRef("order"))
    return annotated(
        lines,
        wanted=Coalesce("quantity", Decimal(0), output_field=NUMBER),
        shipped=_shipped(as_of),
        billed=_quantity(bills, "order_line", Q(invoice__revenue_on__lte=as_of)),
        billed_from=Subquery(
            _naming_only_the_order(headers).order_by().values("order").annotate(on=Min("revenue_on")).values("on")
        ),
    )


def _shipped(as_of: date) -> Subquery:
    """What was shipped of the order line around up to a day."""
    shipments = live(ErpDeliveryLine).filter(
        order_line=OuterRef("pk"), delivery__deleted_at=None, delivery__is_return=False
    )
    up_to_now = Q(delivery__status="shipped", delivery__shipped_on__lte=as_of)
    return _quantity(shipments.exclude(delivery__status="cancelled"), "order_line", up_to_now)


def _quantity(rows: Documents, group: str, counts: Q) -> Subquery:
    """Sum of the quantities that count; zero where rows exist but none counts, null where no row exists."""
    summed = Coalesce(Sum("quantity", filter=counts), Decimal(0), output_field=NUMBER)
    return Subquery(rows.order_by().values(group).annotate(summed=summed).values("summed"), output_field=NUMBER)


def _naming_only_the_order(invoices: Documents) -> Documents:
    """Invoices none of whose lines names an order line."""
    named = live(ErpInvoiceLine).filter(invoice=OuterRef("pk"), order_line__isnull=False)
    return invoices.filter(~Exists(named))


def _open_part() -> Expression:
    """Undelivered part of a line, 0 to 1. What the order itself says of quantities carries no date, so before the day
    of full delivery it says nothing.
    """
    stated = Case(
        When(order__fully_delivered_on=None, then=Coalesce("delivered_quantity", Decimal(0), output_field=NUMBER)),
        default=ZERO,
        output_field=NUMBER,
    )
    delivered = Coalesce("shipped", stated, output_field=NUMBER)
    return _part_of_line(F("wanted") - delivered, otherwise=WHOLE)


def _unbilled_part(as_of: date) -> Expression:
    """Delivered but not invoiced part of a line, 0 to 1 or more where more was delivered than ordered."""
    whole = Q(order__fully_delivered_on__lte=as_of) & (~Q(order__status="closed") | Q(order__shipped_on__isnull=False))
    stated = Coalesce("delivered_quantity", Decimal(0), output_field=NUMBER)
    delivered = Case(
        When(shipped__isnull=False, then=F("shipped")),
        When(whole, then=F("wanted")),
        When(Q(order__fully_delivered_on=None) | Q(order__status="closed"), then=stated),
        default=ZERO,
        output_field=NUMBER,
    )
    billed = Case(
        When(billed__isnull=False, then=F("billed")),
        When(billed_from__lte=as_of, then=Greatest("wanted", Coalesce("shipped", Decimal(0)), output_field=NUMBER)),
        When(billed_from__isnull=False, then=ZERO),
        default=Coalesce("invoiced_quantity", Decimal(0), output_field=NUMBER),
        output_field=NUMBER,
    )
    return _part_of_line(delivered - billed, otherwise=ZERO)


def _part_of_line(quantity: Expression, *, otherwise: Expression) -> Expression:
    positive = Greatest(quantity, ZERO, output_field=NUMBER)
    return Case(When(wanted__gt=0, then=positive / F("wanted")), default=otherwise, output_field=NUMBER)


def won_deals(customers: QuerySet[Customer], period: Period) -> Documents:
    """Opportunities won with a close date in the period."""
    return live(SfOpportunity).filter(
        in_period("close_on", period), account__in=customers.order_by().values("account"), is_won=True
    )
