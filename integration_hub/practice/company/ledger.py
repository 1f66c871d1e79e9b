"""The demo ERP's own tables as rows: its vocabulary, its codes. Field order is column order (see schema.sql)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Debtor(NamedTuple):
    """A customer. `crm_id` is the Salesforce account id kept in the ERP, often empty."""

    debtor_no: str
    company_no: str
    name: str
    group_no: str
    vat_no: str
    email: str
    phone: str
    web: str
    street: str
    zip: str
    city: str
    country: str
    currency: str
    terms_text: str
    terms_days: int
    credit_limit: Decimal | None
    sales_rep: str
    blocked: str
    block_text: str
    customer_since: date
    crm_id: str
    changed_at: datetime


class DebtorContact(NamedTuple):
    """A person at a customer."""

    contact_no: str
    debtor_no: str
    name: str
    function: str
    email: str
    phone: str


class SalesOrder(NamedTuple):
    """An order; `state`: 05 offer, 10 open, 20 part delivered, 30 delivered, 35 closed short, 70 on hold, 90 void."""

    order_no: str
    company_no: str
    debtor_no: str
    order_date: date
    wanted_date: date
    confirmed_date: date
    shipped_date: date | None
    currency: str
    net_total: Decimal
    rate: Decimal | None
    state: str
    hold_text: str
    customer_po: str
    clerk: str
    changed_at: datetime


class SalesOrderItem(NamedTuple):
    """A line of an order."""

    order_no: str
    pos: int
    debtor_no: str
    article_no: str
    text: str
    qty: int
    unit: str
    price: Decimal
    discount: Decimal
    net: Decimal
    confirmed_date: date


class Shipment(NamedTuple):
    """A delivery; `state`: P planned, K packed, S shipped."""

    shipment_no: str
    company_no: str
    order_no: str
    debtor_no: str
    planned_date: date
    shipped_date: date | None
    state: str
    is_return: str
    carrier: str
    tracking_no: str
    changed_at: datetime


class ShipmentItem(NamedTuple):
    """A line of a delivery, with the order line it fulfils (none for returns)."""

    shipment_no: str
    pos: int
    debtor_no: str
    order_no: str
    order_pos: int | None
    article_no: str
    text: str
    qty: int
    unit: str


class Bill(NamedTuple):
    """A billing document; `doc_type`: RE invoice, GU credit note, ST reversal, AZ down payment."""

    bill_no: str
    doc_type: str
    company_no: str
    debtor_no: str
    order_no: str
    bill_date: date
    posting_date: date | None
    due_date: date | None
    currency: str
    net_total: Decimal
    tax_total: Decimal
    gross_total: Decimal
    rate: Decimal | None
    state: str
    reverses_no: str
    customer_po: str
    changed_at: datetime


class BillItem(NamedTuple):
    """A line of a billing document; `line_type`: W goods, F freight, A down payment."""

    bill_no: str
    pos: int
    debtor_no: str
    line_type: str
    article_no: str
    text: str
    qty: int | None
    unit: str
    price: Decimal | None
    net: Decimal
    tax: Decimal
    order_no: str
    order_pos: int | None
    shipment_no: str
    shipment_pos: int | None


class Receivable(NamedTuple):
    """One instalment of a bill; credits are negative."""

    receivable_no: str
    bill_no: str
    company_no: str
    debtor_no: str
    bill_date: date
    due_date: date | None
    currency: str
    amount: Decimal
    open_amount: Decimal
    disputed: str
    note: str
    promised_date: date | None
    changed_at: datetime


class Receipt(NamedTuple):
    """Money received (or paid back: negative)."""

    receipt_no: str
    company_no: str
    debtor_no: str
    receipt_date: date
    currency: str
    amount: Decimal
    unallocated: Decimal
    reference: str
    changed_at: datetime


class Settlement(NamedTuple):
    """What settled which receivable: a receipt, or a credit note or reversal (`credit_no`)."""

    settlement_no: str
    receivable_no: str
    bill_no: str
    receipt_no: str
    credit_no: str
    debtor_no: str
    settled_date: date
    currency: str
    amount: Decimal
    changed_at: datetime


@dataclass
class Books:
    """All rows of one ERP company, per table."""

    debtor: list[Debtor] = field(default_factory=list)
    debtor_contact: list[DebtorContact] = field(default_factory=list)
    sales_order: list[SalesOrder] = field(default_factory=list)
    sales_order_item: list[SalesOrderItem] = field(default_factory=list)
    shipment: list[Shipment] = field(default_factory=list)
    shipment_item: list[ShipmentItem] = field(default_factory=list)
    bill: list[Bill] = field(default_factory=list)
    bill_item: list[BillItem] = field(default_factory=list)
    receivable: list[Receivable] = field(default_factory=list)
    receipt: list[Receipt] = field(default_factory=list)
    settlement: list[Settlement] = field(default_factory=list)
