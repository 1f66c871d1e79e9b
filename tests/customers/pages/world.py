"""A small company for page tests: two owners and their manager, four customers, one complete chain of documents."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from integration_hub.models import (
    ErpAllocation,
    ErpCompany,
    ErpContact,
    ErpCustomer,
    ErpDelivery,
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
    ErpProduct,
    SfAccount,
    SfContact,
    SfOpportunity,
    SfOrder,
    SfQuote,
    SfUser,
    SfUserRole,
)

AS_OF = date(2026, 11, 23)
READ_AT = datetime(2026, 11, 23, 6, 2, tzinfo=UTC)
# 18-character ids with their true suffixes.
KESTREL, KESTON, PROSPECT, FOREIGN = (
    "001Dn00000AbCdEIAV",
    "001Dn00000AbCdFIAV",
    "001Dn00000AbCdGIAV",
    "001Dn00000AbCdHIAV",
)
MERGED_AWAY = "001Dn00000AbCdJIAV"
ANA, BEN, HEAD = "005Dn000001aaaaIAA", "005Dn000001bbbbIAA", "005Dn000001hhhhIAA"
HEAD_ROLE, SALES_ROLE, OTHER_ROLE = "00EDn000000hhhhMAA", "00EDn000000ssssMAA", "00EDn000000ooooMAA"


def mirrored(model: Any, key: str, **values: Any) -> Any:
    """One mirror row as a sync leaves it."""
    source = "salesforce" if model.__name__.startswith("Sf") else "erp"
    return model.objects.create(key=key, source=source, synced_at=READ_AT, **values)


def build_company() -> None:
    """Masters: company, product, users in a role hierarchy, accounts, ERP customers, contacts."""
    mirrored(ErpCompany, "erp:10", code="10", name="Northgate Components", currency="EUR")
    mirrored(ErpProduct, "erp:SEAL", sku="SEAL-40", name="Seal kit, hydraulic", unit="pc")
    mirrored(SfUserRole, HEAD_ROLE, name="Head of sales")
    mirrored(SfUserRole, SALES_ROLE, name="Sales", parent_id=HEAD_ROLE)
    mirrored(SfUserRole, OTHER_ROLE, name="Sales overseas", parent_id=HEAD_ROLE)
    mirrored(SfUser, HEAD, name="Hanna Berg", email="hanna@northgate.example", role_id=HEAD_ROLE)
    mirrored(SfUser, ANA, name="Ana Duarte", email="ana@northgate.example", role_id=SALES_ROLE)
    mirrored(SfUser, BEN, name="Ben Okafor", email="ben@northgate.example", role_id=OTHER_ROLE)
    _account(KESTREL, "Kestrel Marine Engineering B.V.", ANA, "Rotterdam", "NL", "104233")
    _account(KESTON, "Keston Agri Ltd", BEN, "Lincoln", "GB", "101877")
    _account(PROSPECT, "Prospect & Sons", ANA, "Leeds", "GB", "")
    mirrored(
        SfAccount, MERGED_AWAY, name="Kestrel Marine", deleted_at=READ_AT, gone_reason="merged", master_record=KESTREL
    )
    for number, name, account in (
        ("104233", "Kestrel Marine Engineering B.V.", KESTREL),
        ("101877", "Keston Agri Ltd", KESTON),
        ("100009", "Unlinked Works GmbH", ""),
    ):
        mirrored(
            ErpCustomer,
            f"erp:{number}",
            number=number,
            name=name,
            company_id="erp:10",
            salesforce_account=account,
            city="Rotterdam",
            country="NL",
            currency="EUR",
            payment_terms="30 days net",
            payment_days=30,
            customer_since=date(2017, 3, 1),
        )
    mirrored(
        SfContact,
        "003Dn00000AbCdEIAV",
        account_id=KESTREL,
        name="Joost Verhagen",
        title="Purchasing",
        phone="+31 10 555 01",
        email="joost@kestrel.example",
    )
    mirrored(
        ErpContact,
        "erp:c1",
        customer_id="erp:104233",
        name="Marit Smeets",
        role="Accounts payable",
        email="marit@kestrel.example",
    )


def _account(key: str, name: str, owner: str, city: str, country: str, number: str) -> None:
    mirrored(
        SfAccount,
        key,
        name=name,
        owner_id=owner,
        billing_city=city,
        billing_country=country,
        erp_number=number,
        currency="EUR",
    )


def build_chain(customer: str = "erp:104233", prefix: str = "") -> None:
    """Order of ten, six delivered in two deliveries, four of them invoiced, half of that paid."""
    order = mirrored(
        ErpOrder,
        f"erp:{prefix}SO-1",
        number=f"{prefix}SO-1",
        company_id="erp:10",
        customer_id=customer,
        ordered_on=AS_OF - timedelta(days=60),
        promised_on=AS_OF - timedelta(days=4),
        currency="EUR",
        net_amount=Decimal(1000),
        status="open",
        customer_reference="PO 77",
    )
    line = mirrored(
        ErpOrderLine,
        f"erp:{prefix}SO-1/1",
        order=order,
        customer_id=customer,
        position=1,
        product_id="erp:SEAL",
        text="Seal kit, hydraulic",
        quantity=Decimal(10),
        unit="pc",
        unit_price=Decimal(100),
        net_amount=Decimal(1000),
    )
    for index, (days, quantity) in enumerate(((50, 4), (10, 2)), start=1):
        delivery = mirrored(
            ErpDelivery,
            f"erp:{prefix}D-{index}",
            number=f"{prefix}D-{index}",
            customer_id=customer,
            order=order,
            shipped_on=AS_OF - timedelta(days=days),
            status="shipped",
            carrier="Blue Line",
        )
        delivered = mirrored(
            ErpDeliveryLine,
            f"erp:{prefix}D-{index}/1",
            delivery=delivery,
            customer_id=customer,
            position=1,
            order_line=line,
            product_id="erp:SEAL",
            quantity=Decimal(quantity),
            unit="pc",
        )
        if index == 1:
            first = delivered
    invoice = build_invoice(f"{prefix}F-1", customer, days_ago=49, net=400, order=order)
    ErpInvoiceLine.objects.filter(invoice=invoice.key).update(order_line=line.key, delivery_line=first.key)
    payment = mirrored(
        ErpPayment,
        f"erp:{prefix}P-1",
        number=f"{prefix}P-1",
        customer_id=customer,
        paid_on=AS_OF - timedelta(days=5),
        currency="EUR",
        amount=Decimal(300),
        unallocated_amount=Decimal(100),
        reference="Bank 12",
    )
    mirrored(
        ErpAllocation,
        f"erp:{prefix}A-1",
        open_item_id=f"erp:{prefix}F-1/1",
        invoice=invoice,
        payment=payment,
        customer_id=customer,
        allocated_on=AS_OF - timedelta(days=5),
        currency="EUR",
        amount=Decimal(200),
    )
    ErpOpenItem.objects.filter(key=f"erp:{prefix}F-1/1").update(open_amount=Decimal(276), dated_allocations=True)


def build_invoice(
    number: str,
    customer: str = "erp:104233",
    *,
    days_ago: int,
    net: int,
    currency: str = "EUR",
    kind: str = "invoice",
    paid: bool = False,
    due_days: int = 30,
    order: ErpOrder | None = None,
    note: str = "",
) -> ErpInvoice:
    """An invoice of one line with 19% tax and one open item; `days_ago` counts back from AS_OF."""
    issued = AS_OF - timedelta(days=days_ago)
    gross = Decimal(net) * Decimal("1.19")
    invoice: ErpInvoice = mirrored(
        ErpInvoice,
        f"erp:{number}",
        number=number,
        kind=kind,
        company_id="erp:10",
        customer_id=customer,
        order=order,
        issued_on=issued,
        posted_on=issued,
        due_on=issued + timedelta(days=due_days),
        currency=currency,
        net_amount=Decimal(net),
        tax_amount=gross - net,
        gross_amount=gross,
        status="paid" if paid else "open",
    )
    mirrored(
        ErpInvoiceLine,
        f"erp:{number}/1",
        invoice=invoice,
        customer_id=customer,
        position=1,
        product_id="erp:SEAL",
        text="Seal kit, hydraulic",
        quantity=Decimal(net) / 100,
        unit="pc",
        unit_price=Decimal(100),
        net_amount=Decimal(net),
    )
    mirrored(
        ErpOpenItem,
        f"erp:{number}/1",
        invoice=invoice,
        customer_id=customer,
        company_id="erp:10",
        number=number,
        issued_on=issued,
        due_on=issued + timedelta(days=due_days),
        currency=currency,
        amount=gross,
        open_amount=Decimal(0) if paid else gross,
        note=note,
    )
    return invoice


def build_deals() -> None:
    """Two won deals within twelve months and one open."""
    for key, name, amount, days_ago, won in (
        ("006Dn00000AbCdEIAV", "Dock cranes", 24000, 100, True),
        ("006Dn00000AbCdFIAV", "Spare parts frame", 12000, 200, True),
        ("006Dn00000AbCdGIAV", "Winches", 50000, -40, False),
    ):
        mirrored(
            SfOpportunity,
            key,
            account_id=KESTREL,
            owner_id=ANA,
            name=name,
            amount=Decimal(amount),
            currency="EUR",
            close_on=AS_OF - timedelta(days=days_ago),
            is_closed=won,
            is_won=won,
            stage="Closed Won" if won else "Proposal",
        )


def build_selling() -> None:
    """A synced quote of the first deal and its Salesforce order, which names no order of the ERP."""
    of_deal = {"account_id": KESTREL, "opportunity_id": "006Dn00000AbCdEIAV", "currency": "EUR"}
    quote = mirrored(
        SfQuote,
        "0Q0Dn00000AbCdEIAV",
        number="00000071",
        name="Dock cranes, version 2",
        status="Accepted",
        net_amount=Decimal(24000),
        gross_amount=Decimal(28560),
        is_syncing=True,
        created_on=READ_AT - timedelta(days=120),
        **of_deal,
    )
    mirrored(
        SfOrder,
        "801Dn00000AbCdEIAV",
        number="00000501",
        quote=quote,
        status="Activated",
        status_code="Activated",
        starts_on=AS_OF - timedelta(days=98),
        activated_on=READ_AT - timedelta(days=98),
        net_amount=Decimal(24000),
        po_number="PO 24-7",
        **of_deal,
    )


def build_history() -> None:
    """Two years of monthly paid invoices, some open and overdue ones, a credit note and an invoice without a rate."""
    for index in range(23):
        build_invoice(f"H-{index:02d}", days_ago=20 + index * 30, net=4000 + (index % 6) * 900, paid=True)
    for index, (days_ago, net, note) in enumerate(
        ((160, 1800, ""), (104, 2900, "Freight claim"), (75, 2100, ""), (48, 1500, ""), (12, 3600, ""))
    ):
        build_invoice(f"U-{index}", days_ago=days_ago, net=net, note=note)
    build_invoice("C-1", days_ago=30, net=-250, kind="credit_note")
    build_invoice("X-1", days_ago=15, net=700, currency="XAU")


def build_world() -> None:
    """Everything, as the mirror holds it after a sync; figures come from the roll-up."""
    build_company()
    build_chain()
    build_history()
    build_deals()
    build_selling()
    build_chain("erp:101877", "K-")
    build_chain("erp:100009", "N-")
