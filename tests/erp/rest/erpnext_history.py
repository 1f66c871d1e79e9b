"""A small history of two companies: instalments, part payments, a return, a cancelled and an amended invoice, foreign
currency in a ledger kept in the company's, and an order whose progress moves without its stamp.
"""

from typing import Any

from tests.erp.rest.frappe_site import FrappeSite, Record

DE, US = "Halden GmbH", "Halden Inc"
DAY = "2026-03-01 10:00:00.000000"


def build(site: FrappeSite) -> None:
    """Fill the site."""
    for name, abbr, currency in ((DE, "HD", "EUR"), (US, "HU", "USD")):
        site.put("Company", name, DAY, abbr=abbr, company_name=name, default_currency=currency)
    site.put("Currency Exchange", "2026-03-01-USD-EUR", DAY, date="2026-03-01", from_currency="USD", to_currency="EUR",
             exchange_rate=0.92, for_selling=1)  # fmt: skip
    site.put("Item", "PUMP", DAY, item_code="PUMP", item_name="Pump", item_group="Goods", stock_uom="Nos")
    site.put("Address", "Berg-Billing", DAY, address_line1="Hauptstr. 1", city="Bonn", pincode="53111",
             country="Germany")  # fmt: skip
    for name, address in (("Berg", "Berg-Billing"), ("Tal", None)):
        site.put("Customer", name, DAY, customer_name=f"{name} & Co", tax_id="DE1", email_id="a@example.com",
                 mobile_no="1", website="", default_currency="EUR", payment_terms="Net 30", account_manager=None,
                 is_frozen=0, disabled=0, customer_primary_address=address)  # fmt: skip
    site.put("Contact", "Jane Doe", DAY, first_name="Jane", last_name="Doe", designation="Buyer",
             email_id="j@example.com", phone="2",
             lists={"Dynamic Link": [{"name": "dl1", "link_doctype": "Customer", "link_name": "Berg"}]})  # fmt: skip
    order(site, "SO-0001", "100.00", status="To Deliver and Bill")
    deliver(site, "DN-0001", "SO-0001", DAY)
    invoice(site, "SI-0001", "119.00", schedule=(("s1", "2026-03-31", "59.50"), ("s2", "2026-04-30", "59.50")))
    invoice(site, "SI-0002", "-11.90", is_return=1, return_against="SI-0001", status="Return")
    ledger(site, "L2", "SI-0002", "SI-0001", "-11.90", day="2026-03-05")
    pay(site, "PE-0001", "60.00", unallocated="0.00")
    ledger(site, "L3", "PE-0001", "SI-0001", "-60.00", of="Payment Entry", day="2026-03-10")
    foreign(site)
    invoice(site, "SI-0004", "50.00", docstatus=2, status="Cancelled", company=DE)
    invoice(site, "SI-0004-1", "55.00", amended_from="SI-0004")
    ledger(site, "L6", "SI-0004-1", "SI-0004-1", "55.00")
    invoice(site, "SI-0005", "10.00", docstatus=0, status="Draft")
    ledger(site, "L1", "SI-0001", "SI-0001", "119.00")


def order(site: FrappeSite, name: str, net: str, modified: str = DAY, **values: Any) -> Record:
    """A sales order of one line."""
    line = {"name": f"{name}-i1", "item_code": "PUMP", "item_name": "Pump", "qty": 2.0, "uom": "Nos",
            "net_rate": float(net) / 2, "net_amount": float(net), "delivery_date": "2026-03-20"}  # fmt: skip
    whole = {"company": DE, "customer": "Berg", "transaction_date": "2026-03-01", "delivery_date": "2026-03-20",
             "currency": "EUR", "net_total": float(net), "grand_total": float(net) * 1.19, "rounded_total": 0.0,
             "conversion_rate": 1.0, "po_no": None, "status": "To Deliver and Bill", **values}  # fmt: skip
    return site.put("Sales Order", name, modified, lists={"Sales Order Item": [line]}, **whole)


def deliver(site: FrappeSite, name: str, of: str, modified: str) -> None:
    """A delivery note; what it changes at the order moves no stamp there, as in ERPNext."""
    line = {"name": f"{name}-i1", "so_detail": f"{of}-i1", "against_sales_order": of, "item_code": "PUMP",
            "item_name": "Pump", "qty": 2.0, "uom": "Nos"}  # fmt: skip
    site.put("Delivery Note", name, modified, company=DE, customer="Berg", posting_date="2026-03-02", status="To Bill",
             is_return=0, transporter_name="Carrier", lr_no="T1", lists={"Delivery Note Item": [line]})  # fmt: skip


def invoice(site: FrappeSite, name: str, gross: str, modified: str = DAY, **values: Any) -> Record:
    """A sales invoice of one line with 19 % tax."""
    schedule = values.pop("schedule", ())
    net = round(float(gross) / 1.19, 2)
    line = {"name": f"{name}-i1", "so_detail": None, "dn_detail": None, "sales_order": None, "delivery_note": None,
            "item_code": "PUMP", "item_name": "Pump", "qty": 1.0, "uom": "Nos", "net_rate": net,
            "net_amount": net}  # fmt: skip
    rows = [{"name": key, "due_date": due, "payment_amount": float(part)} for key, due, part in schedule]
    whole = {"company": DE, "customer": "Berg", "posting_date": "2026-03-01", "due_date": "2026-03-31",
             "currency": "EUR", "conversion_rate": 1.0, "net_total": net, "grand_total": float(gross),
             "total_taxes_and_charges": round(float(gross) - net, 2), "rounded_total": 0.0, "is_return": 0,
             "is_debit_note": 0, "return_against": None, "po_no": None, "outstanding_amount": 0.0,
             "party_account_currency": "EUR", "status": "Unpaid", **values}  # fmt: skip
    return site.put("Sales Invoice", name, modified, lists={"Sales Invoice Item": [line], "Payment Schedule": rows},
                    **whole)  # fmt: skip


def ledger(site: FrappeSite, name: str, by: str, against: str, amount: str, **values: Any) -> None:
    """An entry of the payment ledger."""
    site.put("Payment Ledger Entry", name, values.pop("modified", DAY), posting_date=values.pop("day", "2026-03-01"),
             voucher_type=values.pop("of", "Sales Invoice"), voucher_no=by, against_voucher_no=against,
             amount_in_account_currency=float(amount), account_currency=values.pop("currency", "EUR"),
             party_type="Customer", delinked=values.pop("delinked", 0))  # fmt: skip


def pay(site: FrappeSite, name: str, amount: str, modified: str = DAY, **values: Any) -> Record:
    """A payment entry."""
    whole = {"company": DE, "party": "Berg", "party_type": "Customer", "payment_type": "Receive",
             "posting_date": "2026-03-10", "paid_amount": float(amount), "received_amount": float(amount),
             "unallocated_amount": float(values.pop("unallocated", "0")), "paid_from_account_currency": "EUR",
             "paid_to_account_currency": "EUR", "reference_no": "R1", **values}  # fmt: skip
    return site.put("Payment Entry", name, modified, **whole)


def foreign(site: FrappeSite) -> None:
    """An invoice in dollars on an account kept in euros, paid in three parts that do not come out even."""
    invoice(site, "SI-0003", "100.00", currency="USD", conversion_rate=0.917, customer="Tal")
    ledger(site, "L4", "SI-0003", "SI-0003", "91.70")
    for number, part in enumerate(("30.56", "30.57", "30.57"), 1):
        pay(site, f"PE-01{number}", part, party="Tal")
        ledger(site, f"L5{number}", f"PE-01{number}", "SI-0003", f"-{part}", of="Payment Entry",
               day=f"2026-03-1{number}")  # fmt: skip
