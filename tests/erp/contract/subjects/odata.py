"""S/4HANA and Business Central as stand-ins that speak OData v2 and v4; no live system was at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration_hub.config import hub
from integration_hub.erp.odata.source import ODataAdapter
from integration_hub.models import ErpCustomer, ErpInvoice, ErpInvoiceLine, ErpOpenItem, ErpOrder, ErpOrderLine
from integration_hub.sources import SourceProblem
from tests.erp.contract.subject import UNNAMED, Change, Seen, Subject
from tests.erp.odata import bc as central
from tests.erp.odata import sap as books
from tests.erp.odata.bc import NORTH, BusinessCentral, guid
from tests.erp.odata.sap import BILLS, ITEMS, ORDERS, PARTNERS, Sap
from tests.erp.odata.world import PASSWORD, ODataStandin, Row

LATER = "2026-03-20T10:00:00Z"


@dataclass
class _Sap:
    """What its users change."""

    sap: Sap

    def part_payment(self) -> list[Seen]:
        self.sap.reduces("1500", "-19", "1400", AccountingDocumentCreationDate="2026-03-10")
        return [Seen(ErpOpenItem, "sap:1010/2026/1400/1", {"open_amount": 100})]

    def refund(self) -> list[Seen]:
        self.sap.bill("910", "O", "20", LastChangeDateTime=LATER)
        return [Seen(ErpInvoice, "sap:910", {"net_amount": -20, "kind": "credit_note"})]

    def reversal(self) -> list[Seen]:
        self.sap.data[BILLS][0] |= {"BillingDocumentIsCancelled": True, "LastChangeDateTime": LATER}
        self.sap.bill("911", "N", "100", CancelledBillingDocument="901", LastChangeDateTime=LATER)
        both = {"status": "reversed", "net_amount": 100}
        return [Seen(ErpInvoice, "sap:901", both), Seen(ErpInvoice, "sap:911", both | {"net_amount": -100})]

    def cancel(self) -> list[Seen]:
        self.sap.data[ORDERS][0] |= {"OverallSDDocumentRejectionSts": "C", "LastChangeDateTime": LATER}
        return [Seen(ErpOrder, "sap:1", {"status": "cancelled"})]

    def archive(self) -> list[Seen]:
        self.sap.data[PARTNERS][2] |= {"IsMarkedForArchiving": True, "LastChangeDate": "2026-03-20"}
        return [Seen(ErpCustomer, "sap:19", {"archived": True})]

    def hard_delete(self) -> list[Seen]:
        self.sap.data[ORDERS].pop(1)
        return [Seen(ErpOrder, "sap:2", None), Seen(ErpOrderLine, "sap:2/10", None)]

    def line_text(self) -> list[Seen]:
        self.sap.data[ORDERS][0]["to_Item"][0]["SalesOrderItemText"] = "Anchor"
        self.sap.data[ORDERS][0]["LastChangeDateTime"] = LATER
        return [Seen(ErpOrderLine, "sap:1/10", {"text": "Anchor"})]

    def replaced_whole(self) -> list[Seen]:
        del self.sap.data[ORDERS][0]["to_Item"][1]
        self.sap.data[ORDERS][0] |= {"TotalNetAmount": "100", "LastChangeDateTime": LATER}
        return [Seen(ErpOrderLine, "sap:1/20", None), Seen(ErpOrder, "sap:1", {"net_amount": 100})]

    def late_commit(self) -> list[Seen]:
        self.sap.order("5", "7", stamp="2026-03-01T09:45:00Z")
        return [Seen(ErpOrder, "sap:5", {"net_amount": 7})]

    def long_text(self) -> list[Seen]:
        self.sap.data[BILLS][0]["to_Item"][0]["BillingDocumentItemText"] = "x" * 1_000_000
        found = {"net_amount": 100}
        return [Seen(ErpInvoiceLine, "sap:901/10", found), Seen(ErpInvoice, "sap:901", found)]

    def changes(self) -> dict[str, Change]:
        """Each case by its name."""
        made: tuple[Change, ...] = (
            *(self.part_payment, self.refund, self.reversal, self.cancel, self.archive),
            *(self.hard_delete, self.line_text, self.replaced_whole, self.late_commit, self.long_text),
        )
        return {change.__name__: change for change in made}


def s4hana(folder: Path) -> Subject:
    """The profile s4hana."""
    del folder
    sap = Sap()
    for number in ("17", "18", "19"):
        sap.partner(number, f"Customer {number}")
    for number in ("1", "2", "3", "4"):
        sap.order(number, "100", "50")
    for number in ("901", "902", "903"):
        sap.bill(number, "M", "100")
    sap.item("1400", "119", BillingDocument="901")
    sap.item("1401", "119", BillingDocument="902")
    described = sap.facts["API_SALES_ORDER_SRV"]["A_SalesOrder"]
    return Subject(
        name="s4hana",
        source="sap",
        toml="".join(books.HUB.format(url=sap.url, page_rows=2).partition("[[sources]]")[1:]),
        environment={"SAP_PASSWORD": PASSWORD},
        wrong={"SAP_PASSWORD": "wrong-password"},
        changes=_Sap(sap).changes(),
        breaks={
            "lost_right": lambda: sap.refused.add("A_BillingDocument"),
            "lost_company": lambda: sap.data.update({BILLS: [], ITEMS: []}),
            **_drift(described, "TotalNetAmount"),
            **_disturbances(sap, r"A_SalesOrder\?"),
            "page_out_of_order": lambda: setattr(sap, "shuffled", "A_SalesOrder"),
        },
        writes=lambda: _writes(sap, ORDERS),
        not_applicable={
            **UNNAMED,
            "down_payment": "down payments stand in the special ledger, which the profile leaves out",
        },
        close=sap.close,
    )


@dataclass
class _Central:
    """What its users change."""

    bc: BusinessCentral
    orders: list[Row]
    invoices: list[Row]

    def part_payment(self) -> list[Seen]:
        self.invoices[0]["remainingAmount"] = "60"
        return [Seen(ErpOpenItem, f"bc:{guid(50)}", {"open_amount": 60})]

    def refund(self) -> list[Seen]:
        self.bc.credit_memo(60, "20", lastModifiedDateTime=LATER)
        return [Seen(ErpInvoice, f"bc:{guid(60)}", {"net_amount": -20, "kind": "credit_note"})]

    def reversal(self) -> list[Seen]:
        self.invoices[0] |= {"status": "Canceled", "remainingAmount": "0", "lastModifiedDateTime": LATER}
        self.bc.credit_memo(61, "100", status="Corrective", invoiceId=guid(50), lastModifiedDateTime=LATER)
        both = {"status": "reversed", "net_amount": 100}
        return [
            Seen(ErpInvoice, f"bc:{guid(50)}", both),
            Seen(ErpInvoice, f"bc:{guid(61)}", both | {"net_amount": -100, "reverses_id": f"bc:{guid(50)}"}),
        ]

    def hard_delete(self) -> list[Seen]:
        self.invoices.pop(2)
        return [Seen(ErpInvoice, f"bc:{guid(52)}", None)]

    def line_text(self) -> list[Seen]:
        self.orders[0]["salesOrderLines"][0]["description"] = "Anchor"
        self.orders[0]["lastModifiedDateTime"] = LATER
        return [Seen(ErpOrderLine, f"bc:{guid(100)}", {"text": "Anchor"})]

    def replaced_whole(self) -> list[Seen]:
        self.orders[0]["salesOrderLines"] = [self.bc.line("salesOrderLines", 101, "70")]
        self.orders[0] |= {"totalAmountExcludingTax": "70", "lastModifiedDateTime": LATER}
        gone, order = f"bc:{guid(100)}", f"bc:{NORTH}/SO1"
        return [Seen(ErpOrderLine, gone, None), Seen(ErpOrder, order, {"net_amount": 70})]

    def late_commit(self) -> list[Seen]:
        self.bc.order(5, "7", lastModifiedDateTime="2026-03-01T09:45:00Z")
        return [Seen(ErpOrder, f"bc:{NORTH}/SO5", {"net_amount": 7})]

    def long_text(self) -> list[Seen]:
        self.invoices[0]["salesInvoiceLines"][0]["description"] = "x" * 1_000_000
        found = {"net_amount": 100}
        line, invoice = f"bc:{guid(5000)}", f"bc:{guid(50)}"
        return [Seen(ErpInvoiceLine, line, found), Seen(ErpInvoice, invoice, found)]

    def changes(self) -> dict[str, Change]:
        """Each case by its name."""
        made: tuple[Change, ...] = (
            *(self.part_payment, self.refund, self.reversal, self.hard_delete, self.line_text),
            *(self.replaced_whole, self.late_commit, self.long_text),
        )
        return {change.__name__: change for change in made}


def business_central(folder: Path) -> Subject:
    """The profile business_central."""
    del folder
    bc = BusinessCentral()
    for number in (17, 18, 19):
        bc.add("customers", number, displayName=f"Customer {number}")
    for number in (1, 2, 3):
        bc.order(number, "100")
    for number in (50, 51, 52):
        bc.invoice(number, "100", "100")
    orders, invoices = bc.rows("salesOrders"), bc.rows("salesInvoices")
    text = central.HUB.format(url=bc.url, options=f'companies = ["{NORTH}"]')
    return Subject(
        name="business_central",
        source="bc",
        toml="".join(text.partition("[[sources]]")[1:]),
        environment={"BC_SECRET": PASSWORD},
        wrong={"BC_SECRET": "wrong-secret"},
        changes=_Central(bc, orders, invoices).changes(),
        breaks={
            "lost_right": lambda: bc.refused.add("salesInvoices"),
            "lost_company": lambda: bc.data.update(companies=bc.data["companies"][1:]),
            **_drift(bc.facts[""]["salesOrders"], "totalAmountExcludingTax"),
            **_disturbances(bc, r"salesOrders\?"),
        },
        writes=lambda: _writes(bc, f"companies({NORTH})/salesOrders"),
        not_applicable={
            **UNNAMED,
            "cancel": "the API has no cancelled orders, and a deleted one looks like one that is fully posted",
            "archive": "the API has no archived customers, only blocked ones",
            "down_payment": "prepayment invoices are not told apart by the API",
            "page_out_of_order": "the order of ids is known to the server alone; repeated and missing rows are noticed",
        },
        close=bc.close,
    )


def _drift(described: Any, field: str) -> dict[str, Callable[[], None]]:
    return {
        "field_added": lambda: described.update(Fresh="String"),
        "field_removed": lambda: described.pop(field),
        "field_retyped": lambda: described.update({field: "Int32"}),
    }


def _disturbances(server: ODataStandin, path: str) -> dict[str, Callable[[], None]]:
    return {
        "html_page": lambda: server.misbehave("html", path=path, times=99),
        "cut_answer": lambda: server.misbehave("cut", path=path, times=99),
        "repeated_page": lambda: server.misbehave("repeat", path=path, times=99, after=1),
    }


def _writes(server: ODataStandin, path: str) -> tuple[int, int]:
    """Everything that could write, sent through the session that reads."""
    (config,) = hub().sources
    adapter = ODataAdapter(config)
    adapter.check()
    refused = 0
    root = path.rpartition("/")[0] if path.startswith("API_") else ""
    tries = [(method, path) for method in ("POST", "PUT", "PATCH", "MERGE", "DELETE")]
    tries += [(method, f"{root}/$batch".lstrip("/")) for method in ("POST", "GET")]
    tries += [("GET", f"{root}/CreateFromReference".lstrip("/")), ("GET", f"{path}/../$batch"), ("GET", "%24batch")]
    for method, address in tries:
        try:
            adapter._session.ask(method, address, body={} if method != "GET" else None)
        except SourceProblem:
            refused += 1
    adapter.close()
    arrived = [each for each in server.asked if each.method != "GET" and "token" not in each.path]
    return refused, len(arrived) + sum("batch" in each.path for each in server.asked) + len(tries) - refused
