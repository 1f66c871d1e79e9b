"""What ERPNext's document types are like: companies, conditions, what touches them, and what is read beside."""

from collections.abc import Mapping
from dataclasses import dataclass

OF_COMPANY = frozenset({"Sales Order", "Delivery Note", "Sales Invoice", "Payment Entry"})
"""Document types with a company of their own."""

ALWAYS: Mapping[str, tuple[str, ...]] = {
    "Company": ("default_currency",),
    "Customer": ("customer_primary_address",),
    "Contact": ("first_name", "last_name"),
    "Sales Order": ("company", "customer", "currency", "grand_total", "rounded_total"),
    "Delivery Note": ("company", "customer", "docstatus", "posting_date", "is_return"),
    "Sales Invoice": (
        "company",
        "customer",
        "currency",
        "conversion_rate",
        "docstatus",
        "is_return",
        "is_debit_note",
        "posting_date",
        "due_date",
        "grand_total",
        "rounded_total",
        "outstanding_amount",
        "party_account_currency",
    ),
    "Payment Entry": (
        "company",
        "docstatus",
        "payment_type",
        "paid_amount",
        "received_amount",
        "unallocated_amount",
        "paid_from_account_currency",
        "paid_to_account_currency",
    ),
}
"""Fields that are read whatever the profile maps, because others are computed from them."""

POSTED_ONLY = frozenset({"Payment Entry"})
"""Only submitted ones are payments: drafts are none yet, and cancelled ones are gone."""


@dataclass(frozen=True)
class Touch:
    """Another doctype whose changes mean that a document changed, though its own `modified` did not move.

    `field` of the `child` rows (or of the doctype itself where there is no child) names the document.
    """

    doctype: str
    child: str
    field: str


TOUCHED: Mapping[str, tuple[Touch, ...]] = {
    # Delivered and billed shares, and with them the status, are written with update_modified=False.
    "Sales Order": (
        Touch("Delivery Note", "Delivery Note Item", "against_sales_order"),
        Touch("Sales Invoice", "Sales Invoice Item", "sales_order"),
    ),
    "Delivery Note": (Touch("Sales Invoice", "Sales Invoice Item", "delivery_note"),),
    # A settlement is an entry of the payment ledger; cancelling it marks the entry.
    "Sales Invoice": (
        Touch("Payment Ledger Entry", "", "against_voucher_no"),
        Touch("Payment Ledger Entry", "", "voucher_no"),
    ),
}

LEDGER = "Payment Ledger Entry"
SCHEDULE = "Payment Schedule"
LEDGER_FIELDS = (
    "name",
    "posting_date",
    "voucher_type",
    "voucher_no",
    "against_voucher_no",
    "amount_in_account_currency",
    "account_currency",
)

MISSING: Mapping[str, tuple[str, ...]] = {
    "Sales Invoice": (
        "Freight and other charges of the tax table count as tax, not as revenue.",
        "Invoices of the point of sale that are not consolidated yet (POS Invoice) are not read.",
    ),
    "Payment Entry": ("Payments booked by journal entry settle invoices, but are not listed as payments.",),
    "Customer": ("An address that changes is seen with the next full read of its customer.",),
    "Sales Order": ("Delivered and invoiced quantities come from delivery and invoice lines.",),
}
