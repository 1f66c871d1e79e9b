"""Mirror of ERP invoices, open items, payments and the links between documents."""

from django.db import models

from integration_hub.models.common import (
    CurrencyField,
    KeyField,
    Label,
    Mirrored,
    MoneyField,
    QuantityField,
    RateField,
    mirror_ref,
)
from integration_hub.models.erp_sales import LineKind

CUSTOMER = "integration_hub.ErpCustomer"
INVOICE = "integration_hub.ErpInvoice"


class InvoiceKind(models.TextChoices):
    """Kind of billing document; credit notes carry negative amounts, so sums are plain sums."""

    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"
    DEBIT_NOTE = "debit_note", "Debit note"
    DOWN_PAYMENT = "down_payment", "Down payment"
    RECEIPT = "receipt", "Receipt"


class InvoiceStatus(models.TextChoices):
    """`reversed`: posted and offset by another document; both count, net zero. `cancelled`: void, never counts."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    PART_PAID = "part_paid", "Part paid"
    PAID = "paid", "Paid"
    REVERSED = "reversed", "Reversed"
    CANCELLED = "cancelled", "Cancelled"


class ErpInvoice(Mirrored):
    """A billing document of any kind. `posted_on` is the posting date, null where the source has only `issued_on`.

    Derived at publish, never delivered by a source: `revenue_on` (posting date, else invoice date), `revenue_amount`
    (document currency, by the revenue rule), `reporting_rate` (reporting currency per one document currency, null =
    not convertible) and `reporting_amount` (revenue in the reporting currency, rounded once).
    """

    number = Label(max_length=80)
    kind = models.CharField(max_length=20, choices=InvoiceKind.choices, default="invoice", blank=True)
    company = mirror_ref("integration_hub.ErpCompany", indexed=False)
    customer = mirror_ref(CUSTOMER, "invoices", indexed=False)
    bill_to = mirror_ref(CUSTOMER, indexed=False)
    payer = mirror_ref(CUSTOMER, indexed=False)
    order = mirror_ref("integration_hub.ErpOrder", "invoices")
    issued_on = models.DateField(null=True, blank=True)
    posted_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    currency = CurrencyField()
    net_amount = MoneyField(null=True, blank=True)
    tax_amount = MoneyField(null=True, blank=True)
    gross_amount = MoneyField(null=True, blank=True)
    company_currency = CurrencyField()
    exchange_rate = RateField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=InvoiceStatus.choices, default="open", blank=True)
    source_status = Label(max_length=80)
    reverses = mirror_ref(INVOICE, indexed=False)
    customer_reference = Label(max_length=120)
    # derived at publish
    revenue_on = models.DateField(null=True, blank=True)
    revenue_amount = MoneyField(null=True, blank=True)
    reporting_rate = RateField(null=True, blank=True)
    reporting_amount = MoneyField(null=True, blank=True)

    class Meta:
        db_table = "erp_invoice"
        indexes = [
            models.Index(fields=["customer", "-revenue_on", "key"], name="erp_invoice_by_date"),
            models.Index(fields=["number"], name="erp_invoice_starts", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["customer_reference"],
                name="erp_invoice_reference",
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(customer_reference=""),
            ),
            # Few documents correct another one.
            models.Index(fields=["reverses"], name="erp_invoice_reverses", condition=models.Q(reverses__isnull=False)),
        ]


class ErpInvoiceLine(Mirrored):
    """A line of an invoice. `net_amount` is net of tax in the invoice's currency, negative on credit notes."""

    invoice = mirror_ref(INVOICE, "lines")
    customer = mirror_ref(CUSTOMER, indexed=False)
    position = models.IntegerField(null=True, blank=True)
    kind = models.CharField(max_length=20, choices=LineKind.choices, default="goods", blank=True)
    product = mirror_ref("integration_hub.ErpProduct", indexed=False)
    text = Label(max_length=500)
    quantity = QuantityField(null=True, blank=True)
    unit = Label(max_length=20)
    unit_price = QuantityField(null=True, blank=True)
    net_amount = MoneyField(null=True, blank=True)
    tax_amount = MoneyField(null=True, blank=True)
    order_line = mirror_ref("integration_hub.ErpOrderLine", "invoice_lines")
    delivery_line = mirror_ref("integration_hub.ErpDeliveryLine", "invoice_lines", indexed=False)

    class Meta:
        db_table = "erp_invoice_line"


class ErpOpenItem(Mirrored):
    """One instalment of an invoice, or an item on account: the only base of overdue and aging.

    `amount` is signed in `currency` (credits negative). `dated_allocations` says that allocations carry dates, so
    that open at day D is amount less allocations dated on or before D; otherwise `open_amount` as delivered holds for
    today only. Derived at publish: `settled_on` (the day from which nothing is open, null while something is) and
    `reporting_rate` (that of the invoice, else of the item's own day).
    """

    invoice = mirror_ref(INVOICE, "open_items")
    customer = mirror_ref(CUSTOMER, "open_items", indexed=False)
    company = mirror_ref("integration_hub.ErpCompany", indexed=False)
    number = Label(max_length=80)
    issued_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    currency = CurrencyField()
    amount = MoneyField(null=True, blank=True)
    open_amount = MoneyField(null=True, blank=True)
    dated_allocations = models.BooleanField(default=False)
    disputed = models.BooleanField(default=False)
    note = Label()
    promised_on = models.DateField(null=True, blank=True)
    # derived at publish
    settled_on = models.DateField(null=True, blank=True)
    reporting_rate = RateField(null=True, blank=True)

    class Meta:
        db_table = "erp_open_item"
        indexes = [
            models.Index(fields=["customer", "settled_on", "due_on"], name="erp_open_item_settled"),
            models.Index(fields=["due_on", "settled_on"], name="erp_open_item_due"),
        ]


class ErpPayment(Mirrored):
    """Money received. `unallocated_amount` is what settles nothing yet.

    Derived at publish: `settled_on` (the day from which all of it settles something, null while some does not) and
    `reporting_rate` (of the day it was paid).
    """

    number = Label(max_length=80)
    customer = mirror_ref(CUSTOMER, "payments", indexed=False)
    company = mirror_ref("integration_hub.ErpCompany", indexed=False)
    paid_on = models.DateField(null=True, blank=True)
    currency = CurrencyField()
    amount = MoneyField(null=True, blank=True)
    unallocated_amount = MoneyField(null=True, blank=True)
    reference = Label(max_length=120)
    # derived at publish
    settled_on = models.DateField(null=True, blank=True)
    reporting_rate = RateField(null=True, blank=True)

    class Meta:
        db_table = "erp_payment"
        indexes = [
            models.Index(fields=["customer", "-paid_on", "key"], name="erp_payment_by_date"),
            models.Index(fields=["customer", "settled_on"], name="erp_payment_settled"),
            models.Index(fields=["paid_on"], name="erp_payment_day"),
            models.Index(fields=["number"], name="erp_payment_starts", opclasses=["varchar_pattern_ops"]),
        ]


class ErpAllocation(Mirrored):
    """What settled which item, when and by how much; `amount` has the sign of the item it reduces.

    `open_item` says which instalment; `invoice` is the item's invoice, kept beside for reading.
    """

    open_item = mirror_ref("integration_hub.ErpOpenItem", "allocations")
    invoice = mirror_ref(INVOICE, "allocations")
    payment = mirror_ref("integration_hub.ErpPayment", "allocations")
    credit_note = mirror_ref(INVOICE, indexed=False)
    customer = mirror_ref(CUSTOMER, indexed=False)
    allocated_on = models.DateField(null=True, blank=True)
    currency = CurrencyField()
    amount = MoneyField(null=True, blank=True)

    class Meta:
        db_table = "erp_allocation"
        indexes = [
            models.Index(fields=["customer", "-allocated_on", "key"], name="erp_allocation_by_date"),
            models.Index(
                fields=["credit_note"], name="erp_allocation_credit", condition=models.Q(credit_note__isnull=False)
            ),
        ]


class ErpDocumentLink(Mirrored):
    """From one document to the next: order, delivery, invoice, payment. `stated` by the source or `derived` from
    lines.
    """

    customer = mirror_ref(CUSTOMER, indexed=False)
    from_kind = models.CharField(max_length=20, default="", blank=True)
    from_key = KeyField(default="", blank=True)
    to_kind = models.CharField(max_length=20, default="", blank=True)
    to_key = KeyField(default="", blank=True)
    level = models.CharField(max_length=10, default="header", blank=True)
    how = models.CharField(max_length=10, default="stated", blank=True)

    class Meta:
        db_table = "erp_document_link"
        indexes = [
            models.Index(fields=["from_key"], name="erp_link_from"),
            models.Index(fields=["to_key"], name="erp_link_to"),
        ]
