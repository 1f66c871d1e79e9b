"""A small history of two subsidiaries: order to cash with links, a part payment, a credit note, a void, dollars."""

from typing import Any

from tests.erp.rest.netsuite_account import NetSuiteAccount

DAY = "2026-03-01 02:00:00"  # 10:00 UTC
EUR, USD = 1, 2


def fill(account: NetSuiteAccount) -> None:
    """Put the history into the account."""
    account.add("currency", id=EUR, symbol="EUR")
    account.add("currency", id=USD, symbol="USD")
    account.add("subsidiary", id=1, name="Halden GmbH", currency=EUR)
    account.add("subsidiary", id=2, name="Halden Inc", currency=USD)
    account.add("currencyrate", id=1, basecurrency=EUR, transactioncurrency=USD, effectivedate="2026-03-01 00:00:00",
                exchangerate=0.92)  # fmt: skip
    account.add("item", id=5, itemid="PUMP", displayname="Pump", saleunit="Each", lastmodifieddate=DAY)
    account.add("CustomerAddressbookEntityAddress", nkey=9, addr1="Hauptstr. 1", zip="53111", city="Bonn", country="DE")
    for number, name in ((7, "Berg"), (8, "Tal")):
        account.add("customer", id=number, entityid=f"C{number}", companyname=name, subsidiary=1, currency=EUR,
                    defaultbillingaddress=9, datecreated=DAY, lastmodifieddate=DAY)  # fmt: skip
    account.add("contact", id=70, entityid="Jane Doe", company=7, lastmodifieddate=DAY)
    account.add("contact", id=71, entityid="A vendor's", company=99, lastmodifieddate=DAY)
    document(account, 100, "SalesOrd", 100.0, status="B")
    document(account, 110, "ItemShip", 0.0, status="C", created_from=100)
    link(account, 100, 1, 110, 1, "ShipRcpt", kinds=("SalesOrd", "ItemShip"))
    document(account, 120, "CustInvc", 100.0, status="A", created_from=100, due="2026-03-31 00:00:00", unpaid=47.1)
    link(account, 100, 1, 120, 1, "OrdBill", kinds=("SalesOrd", "CustInvc"))
    document(account, 130, "CustCred", 10.0, status="B", created_from=120, unused=0.0, day="2026-03-05 00:00:00")
    document(account, 140, "CustPymt", 60.0, status="C", unused=0.0, day="2026-03-10 00:00:00")
    link(account, 120, 0, 140, 0, "Payment", 60.0, ("CustInvc", "CustPymt"))
    link(account, 130, 0, 120, 0, "Payment", 11.9, ("CustCred", "CustInvc"))
    document(account, 150, "CustInvc", 50.0, status="B", currency=USD, rate=0.917, unpaid=0.0, subsidiary=2)
    document(account, 151, "CustPymt", 59.5, status="C", currency=USD, unused=0.0)
    link(account, 150, 0, 151, 0, "Payment", 59.5, ("CustInvc", "CustPymt"))
    document(account, 160, "CustInvc", 20.0, status="A", voided="T", unpaid=0.0)
    document(account, 170, "CashSale", 30.0, status="C")


def document(account: NetSuiteAccount, key: int, of_type: str, net: float, /, **more: Any) -> None:
    """A transaction with its main line, one sales line, freight worth nothing, 19 % tax and a cost line.

    Amounts stand as in the ledger: sales are credits, so that lines of an invoice are negative.
    """
    credit, goods = of_type in {"CustCred", "CashRfnd"}, of_type not in {"CustPymt", "CustRfnd", "ItemShip"}
    sign, tax = (1 if credit else -1), round(net * 0.19, 2) if goods else 0.0
    stamp, subsidiary = more.get("modified", DAY), more.get("subsidiary", 1)
    gross = net + tax
    account.add(
        "transaction", id=key, tranid=f"N{key}", type=of_type, entity=more.get("entity", 7),
        trandate=more.get("day", "2026-03-01 00:00:00"), duedate=more.get("due"), status=more.get("status", "A"),
        voided=more.get("voided", "F"), currency=more.get("currency", EUR), exchangerate=more.get("rate", 1),
        foreigntotal=gross, foreignamountunpaid=more.get("unpaid"), custbody_region="West",
        foreignpaymentamountunused=more.get("unused"), lastmodifieddate=stamp,
    )  # fmt: skip
    common = {"transaction": key, "subsidiary": subsidiary, "linelastmodifieddate": stamp}
    account.add("transactionline", id=0, linesequencenumber=0, mainline="T", foreignamount=-sign * gross,
                createdfrom=more.get("created_from"), **common)  # fmt: skip
    if of_type in {"CustPymt", "CustRfnd"}:
        return
    account.add("transactionline", id=1, linesequencenumber=1, mainline="F", item=5, itemtype="InvtPart",
                quantity=sign * 2, rate=net / 2, foreignamount=sign * net if goods else None, memo="Pump", units="Each",
                **common)  # fmt: skip
    account.add("transactionline", id=2, linesequencenumber=2, mainline="F", item=6, itemtype="ShipItem",
                foreignamount=0.0, memo="Freight", **common)  # fmt: skip
    account.add("transactionline", id=3, linesequencenumber=3, mainline="F", iscogs="T", foreignamount=40.0, **common)
    if goods:
        account.add("transactionline", id=4, linesequencenumber=4, mainline="F", taxline="T", itemtype="TaxItem",
                    foreignamount=sign * tax, **common)  # fmt: skip


def link(account: NetSuiteAccount, before: int, line: int, after: int, after_line: int, of_type: str,
         amount: float | None = None, kinds: tuple[str, str] = ("", "")) -> None:  # fmt: skip
    """A link from a line of one transaction to that of the next."""
    account.add("NextTransactionLineLink", previousdoc=before, previousline=line, previoustype=kinds[0], nextdoc=after,
                nextline=after_line, nexttype=kinds[1], linktype=of_type, foreignamount=amount,
                lastmodifieddate=DAY)  # fmt: skip
