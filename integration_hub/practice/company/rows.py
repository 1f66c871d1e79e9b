"""Turns what happened into rows of the demo ERP."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from integration_hub.practice.company.ledger import (
    Bill,
    BillItem,
    Books,
    Receipt,
    Receivable,
    SalesOrder,
    SalesOrderItem,
    Settlement,
    Shipment,
    ShipmentItem,
)
from integration_hub.practice.company.people import clerk_of
from integration_hub.practice.company.trade import Claim, Dispatch, Document, Item, Line, Money, Order


def changed(day: date, now: datetime) -> datetime:
    """The change mark of something that last happened on a day: its afternoon, never later than now."""
    return min(datetime.combine(day, time(16, 30), UTC), now)


def order_rows(books: Books, order: Order, now: datetime) -> None:
    """The order and its lines."""
    shipped = [each.shipped_on for each in order.shipments if each.shipped_on]
    done = order.state == "30"
    last = max([order.day, *shipped])
    books.sales_order.append(
        SalesOrder(
            order_no=order.number,
            company_no=order.firm.company,
            debtor_no=order.firm.number,
            order_date=order.day,
            wanted_date=order.wanted_on,
            confirmed_date=order.confirmed_on,
            shipped_date=last if done and shipped else None,
            currency=order.currency,
            net_total=order.net,
            rate=order.rate,
            state=order.state,
            hold_text=order.hold,
            customer_po=order.reference,
            clerk=clerk_of(order.firm),
            changed_at=changed(last, now),
        )
    )
    for item in order.items:
        books.sales_order_item.append(_order_item(order, item))


def _order_item(order: Order, item: Item) -> SalesOrderItem:
    return SalesOrderItem(
        order_no=order.number,
        pos=item.pos,
        debtor_no=order.firm.number,
        article_no=item.article.number,
        text=item.article.name,
        qty=item.quantity,
        unit=item.article.unit,
        price=item.price,
        discount=item.discount,
        net=item.net,
        confirmed_date=order.confirmed_on,
    )


def return_of(credit: Document) -> Dispatch:
    """What came back with a credit note: one piece of the line it gives money back for."""
    order = credit.order
    item = order.items[0]
    return Dispatch(order, credit.day, credit.day, [(item, -1)], "S", is_return=True)


def shipment_rows(books: Books, each: Dispatch, now: datetime) -> None:
    """The delivery and its lines; a return names no order line, so the order stays delivered."""
    order = each.order
    books.shipment.append(
        Shipment(
            shipment_no=each.number,
            company_no=order.firm.company,
            order_no=order.number,
            debtor_no=order.firm.number,
            planned_date=each.day,
            shipped_date=each.shipped_on,
            state=each.state,
            is_return="X" if each.is_return else "",
            carrier=each.carrier,
            tracking_no=each.tracking,
            changed_at=changed(each.shipped_on or each.day, now),
        )
    )
    for number, (item, quantity) in enumerate(each.parts, 1):
        books.shipment_item.append(
            ShipmentItem(
                shipment_no=each.number,
                pos=number,
                debtor_no=order.firm.number,
                order_no="" if each.is_return else order.number,
                order_pos=None if each.is_return else item.pos,
                article_no=item.article.number,
                text=item.article.name,
                qty=quantity,
                unit=item.article.unit,
            )
        )


def bill_rows(books: Books, document: Document, now: datetime) -> None:
    """The billing document, its lines, its claims and what settled them."""
    changed_at = changed(_last_day(document), now)
    books.bill.append(_bill(document, changed_at))
    for number, line in enumerate(document.lines, 1):
        books.bill_item.append(_bill_item(document, number, line))
    for claim in document.claims:
        _claim_rows(books, claim, changed_at)


def _last_day(document: Document) -> date:
    """When the document last changed: it was made, settled or reversed."""
    days = [document.day, *(day for claim in document.claims for day, _, _ in claim.settled)]
    return max([*days, document.reversed_by.day] if document.reversed_by else days)


def _bill(document: Document, changed_at: datetime) -> Bill:
    order, firm = document.order, document.firm
    due = [claim.due_on for claim in document.claims if claim.due_on]
    return Bill(
        bill_no=document.number,
        doc_type=document.kind,
        company_no=firm.company,
        debtor_no=firm.number,
        order_no=order.number,
        bill_date=document.day,
        posting_date=None if document.draft else document.day,
        due_date=max(due) if due else None,
        currency=order.currency,
        net_total=document.net,
        tax_total=document.tax,
        gross_total=document.net + document.tax,
        rate=order.rate,
        state=_state(document),
        reverses_no=document.reverses.number if document.reverses else "",
        customer_po=order.reference,
        changed_at=changed_at,
    )


def _bill_item(document: Document, number: int, line: Line) -> BillItem:
    item, dispatch = line.item, line.dispatch
    return BillItem(
        bill_no=document.number,
        pos=number,
        debtor_no=document.firm.number,
        line_type=line.kind,
        article_no=item.article.number if item else "",
        text=line.text,
        qty=line.quantity,
        unit=item.article.unit if item else "",
        price=item.price if item else None,
        net=line.net,
        tax=document.tax_of(line),
        order_no=dispatch.order.number if dispatch else "",
        order_pos=item.pos if item else None,
        shipment_no=dispatch.number if dispatch else "",
        shipment_pos=line.part,
    )


def _state(document: Document) -> str:
    """EN draft, VO void, ST reversed, BZ paid, TZ paid in part, OP open."""
    if document.draft or document.void:
        return "EN" if document.draft else "VO"
    if document.reversed_by is not None:
        return "ST"
    left = sum((claim.open for claim in document.claims), Decimal(0))
    if not left:
        return "BZ"
    return "TZ" if any(claim.settled for claim in document.claims) else "OP"


def _claim_rows(books: Books, claim: Claim, changed_at: datetime) -> None:
    document = claim.document
    firm, currency = document.firm, document.order.currency
    books.receivable.append(
        Receivable(
            receivable_no=claim.number,
            bill_no=document.number,
            company_no=firm.company,
            debtor_no=firm.number,
            bill_date=document.day,
            due_date=claim.due_on,
            currency=currency,
            amount=claim.amount,
            open_amount=claim.open,
            disputed="X" if claim.disputed else "",
            note=claim.note,
            promised_date=claim.promised_on,
            changed_at=changed_at,
        )
    )
    for number, (day, amount, by) in enumerate(claim.settled, 1):
        books.settlement.append(
            Settlement(
                settlement_no=f"{claim.number}-{number}",
                receivable_no=claim.number,
                bill_no=document.number,
                receipt_no=by.number if isinstance(by, Money) else "",
                credit_no=by.number if isinstance(by, Document) else "",
                debtor_no=firm.number,
                settled_date=day,
                currency=currency,
                amount=amount,
                changed_at=changed_at,
            )
        )


def receipt_rows(books: Books, money: Money, now: datetime) -> None:
    """One incoming payment."""
    books.receipt.append(
        Receipt(
            receipt_no=money.number,
            company_no=money.firm.company,
            debtor_no=money.firm.number,
            receipt_date=money.day,
            currency=money.currency,
            amount=money.amount,
            unallocated=money.unallocated,
            reference=f"{money.firm.name[:40]} {money.day + timedelta(days=-1):%d.%m.}",
            changed_at=changed(money.day, now),
        )
    )
