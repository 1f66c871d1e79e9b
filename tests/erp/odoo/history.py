"""What happened at the company until June 2026."""

from decimal import Decimal

from tests.erp.odoo.company import (
    ADA,
    ADA_BILLS,
    ADA_PERSON,
    BERTA,
    CHILD,
    EUR,
    FOREIGN,
    HALDEN,
    OTHER,
    PART,
    SERVICE,
    USD,
    Business,
)

STOCK, CUSTOMERS = 1, 2
DOWN_PAYMENT = 5


def history(version: int) -> Business:
    """Orders, deliveries, returns, invoices with instalments, refunds, a reversal, down payments, payments."""
    business = Business(version)
    business.db.clock = "2026-02-01 08:00:00"
    _orders(business)
    _deliveries(business)
    business.db.clock = "2026-03-01 08:00:00"
    _invoices(business)
    business.db.clock = "2026-06-01 00:00:00"
    return business


def _orders(business: Business) -> None:
    db = business.db
    shared = {"company_id": HALDEN, "currency_id": EUR, "partner_shipping_id": ADA, "partner_invoice_id": ADA_BILLS,
              "partner_id": ADA_PERSON, "user_id": 2, "currency_rate": 1.0}  # fmt: skip
    # 23:30 in UTC is the next day in Berlin.
    first = db.add("sale.order", **shared, name="S1", date_order="2026-01-10 23:30:00", state="sale",
                   commitment_date="2026-01-20 10:00:00", effective_date="2026-01-19", client_order_ref="PO 7",
                   amount_untaxed=Decimal("1100.00"), amount_total=Decimal("1290.00"),
                   invoice_status="invoiced", delivery_status="full")  # fmt: skip
    line = {"order_id": first, "product_uom": 1, "product_uom_id": 1, "company_id": HALDEN, "display_type": False}
    db.add("sale.order.line", **line, sequence=10, name="Pump", product_id=PART, product_uom_qty=2.5, price_unit=400.0,
           discount=0.0, price_subtotal=Decimal("1000.00"), qty_delivered=2.5, qty_invoiced=2.5,
           qty_delivered_method="stock_move")  # fmt: skip
    db.add("sale.order.line", **line, sequence=5, name="Assembly", product_id=SERVICE, product_uom_qty=1.0,
           price_unit=100.0, discount=0.0, price_subtotal=Decimal("100.00"), qty_delivered=0.0, qty_invoiced=1.0,
           qty_delivered_method="manual")  # fmt: skip
    db.add("sale.order.line", **{**line, "display_type": "line_note"}, sequence=20, name="A note")
    for name, state in (("S2", "draft"), ("S3", "cancel")):
        db.add("sale.order", **shared, name=name, state=state, date_order="2026-02-01 10:00:00",
               amount_untaxed=Decimal(0), amount_total=Decimal(0), invoice_status="no")  # fmt: skip
    foreign = {**shared, "currency_id": USD, "currency_rate": 1.25, "partner_id": CHILD, "partner_shipping_id": CHILD}
    open_order = db.add("sale.order", **foreign, name="S4", state="sale", date_order="2026-02-02 10:00:00",
                        amount_untaxed=Decimal("50.00"), amount_total=Decimal("50.00"),
                        invoice_status="to invoice")  # fmt: skip
    db.add("sale.order.line", **{**line, "order_id": open_order}, sequence=1, name="Pump", product_id=PART,
           product_uom_qty=1.0, price_unit=50.0, discount=0.0, price_subtotal=Decimal("50.00"), qty_delivered=0.0,
           qty_invoiced=0.0, qty_delivered_method="stock_move")  # fmt: skip
    db.add("sale.order.line", **{**line, "order_id": open_order}, id=DOWN_PAYMENT, sequence=9, name="Down payment",
           product_id=SERVICE, product_uom_qty=0.0, price_unit=100.0, discount=0.0, price_subtotal=Decimal(0),
           qty_delivered=0.0, qty_invoiced=0.0, qty_delivered_method="manual", is_downpayment=True)  # fmt: skip


def _deliveries(business: Business) -> None:
    db = business.db
    for name, places, done in (("OUT/1", (STOCK, CUSTOMERS), 2.5), ("IN/1", (CUSTOMERS, STOCK), 0.5)):
        picking = db.add("stock.picking", name=name, company_id=HALDEN, partner_id=ADA, sale_id=1, state="done",
                         scheduled_date="2026-01-18 10:00:00", date_done="2026-01-19 10:00:00", carrier_id=1,
                         carrier_tracking_ref="T1", location_id=places[0], location_dest_id=places[1])  # fmt: skip
        for state, quantity in (("done", done), ("cancel", 0.0)):
            db.add("stock.move", picking_id=picking, sequence=1, name="Pump", description_picking="Pump",
                   product_uom_qty=9.0, quantity=quantity, quantity_done=quantity, product_id=PART, product_uom=1,
                   state=state, sale_line_id=1, company_id=HALDEN)  # fmt: skip
    db.add("stock.picking", name="INT/1", company_id=HALDEN, state="done", location_id=STOCK, location_dest_id=STOCK,
           scheduled_date="2026-01-18 10:00:00")  # fmt: skip


def _invoices(business: Business) -> None:
    post, pay = business.move, business.pay
    halves = (("2026-02-14", "0.5"), ("2026-03-16", "0.5"))
    # Two instalments, the first paid and the second in part.
    _, (first, second) = post(
        "INV/1", [{"net": Decimal("1000.00"), "sale_line_ids": [1], "quantity": 2.5}], tax="190.00", due=halves,
        partner=ADA_BILLS, ref="PO 7",
    )  # fmt: skip
    pay(first, "595.00", "2026-02-10")
    pay(second, "200.00", "2026-03-01", bank_line=True)
    # Dollars in a company of euros, paid in full.
    _, (dollars,) = post("INV/2", [{"net": Decimal("1000.00")}], currency=USD, rate="0.8", partner=CHILD)
    pay(dollars, "1000.00", "2026-02-20", partner=CHILD)
    # Reversed in full by a credit note.
    wrong, (wrong_item,) = post("INV/3", [{"net": Decimal("77.70")}], due=(("2026-02-15", "1"),))
    _, (undone,) = post("RINV/1", [{"net": Decimal("77.70")}], kind="out_refund", reversed_entry_id=wrong)
    business.settle(wrong_item, undone, "77.70", "2026-02-16")
    business.db.write("account.move", wrong, payment_state="reversed")
    # A double that is not exact, and a credit note that settles part of it and keeps a rest.
    _, (odd,) = post("INV/4", [{"net": 33.330000000000005}], partner=BERTA, due=(("2026-05-31", "1"),))
    _, (credit,) = post("RINV/2", [{"net": Decimal("50.00"), "product_id": SERVICE}], kind="out_refund", partner=BERTA)
    business.settle(odd, credit, "33.33", "2026-04-01")
    # A down payment and the invoice that takes it off again.
    ahead = {"is_downpayment": True, "sale_line_ids": [DOWN_PAYMENT]}
    post("INV/5", [{"net": Decimal("100.00"), **ahead}], due=(("2026-06-01", "1"),))
    post("INV/6", [{"net": Decimal("300.00")}, {"net": Decimal("-100.00"), **ahead, "quantity": -1.0}],
         due=(("2026-07-01", "1"),))  # fmt: skip
    post("/" if business.db.version < 17 else False, [{"net": Decimal("5.00")}], state="draft")
    post("INV/7", [{"net": Decimal("9.00")}], state="cancel")
    post("REC/1", [{"net": Decimal("12.00")}], kind="out_receipt", due=(("2026-05-01", "1"),))
    # The other company repeats a number.
    post("INV/1", [{"net": Decimal("500.00")}], company=OTHER, partner=FOREIGN, due=(("2026-02-01", "1"),))
