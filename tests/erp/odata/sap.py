"""A small S/4HANA: customers, orders, deliveries, bills and accounting items behind the OData stand-in."""

import base64
from typing import Any

from tests.erp.odata.described import facts
from tests.erp.odata.world import PASSWORD, USER, ODataStandin, Row

PARTNERS = "API_BUSINESS_PARTNER/A_BusinessPartner"
ORDERS = "API_SALES_ORDER_SRV/A_SalesOrder"
DELIVERIES = "API_OUTBOUND_DELIVERY_SRV;v=0002/A_OutbDeliveryHeader"
BILLS = "API_BILLING_DOCUMENT_SRV/A_BillingDocument"
ITEMS = "API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
RIGHT = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "sap"
label = "S/4HANA"
kind = "odata"
profile = "s4hana"
url = "{url}/sap/opu/odata/sap"
username = "reader"
password = "${{SAP_PASSWORD}}"
page_rows = {page_rows}
max_deleted_share = 0.6
[sources.options]
company_currency = "EUR"
"""


class Sap(ODataStandin):
    """The server with its books."""

    def __init__(self) -> None:
        super().__init__("v2", facts("s4hana"))
        self.data = {name: [] for name in (PARTNERS, ORDERS, DELIVERIES, BILLS, ITEMS)}
        self.allowed = lambda header: header == RIGHT

    def add(self, path: str, **values: Any) -> Row:
        """A row with every property of its entity set, empty where nothing is said."""
        root, _, name = path.rpartition("/")
        described = {each: text for each, text in self.facts[root][name].items() if each != "keys"}
        row = {
            each: None if text[:4] in {"Date", "Deci", "Bool"} or "->" in text else ""
            for each, text in described.items()
        }
        row |= values
        self.data[path].append(row)
        return row

    def partner(self, number: str, name: str, changed: str | None = None, **values: Any) -> Row:
        """A customer."""
        address = {
            "BusinessPartner": number,
            "AddressID": "1",
            "StreetName": "Hafenstraße",
            "HouseNumber": "4",
            "CityName": "Kiel",
            "to_EmailAddress": [
                {"AddressID": "1", "Person": "", "OrdinalNumber": "1", "EmailAddress": "a@example.com"}
            ],
        }
        return self.add(
            PARTNERS,
            BusinessPartner=number,
            Customer=number.zfill(10),
            BusinessPartnerFullName=name,
            CreationDate="2026-01-02",
            LastChangeDate=changed,
            to_BusinessPartnerAddress=[address],
            to_Customer={"Customer": number, "VATRegistration": "DE1", "OrderIsBlockedForCustomer": "", **values},
        )

    def order(self, number: str, *amounts: str, stamp: str = "2026-03-01T10:00:00Z", **values: Any) -> Row:
        """An order of customer 17 with one item for each net amount, in EUR."""
        items = [
            {
                "SalesOrder": number,
                "SalesOrderItem": str(10 * place),
                "Material": "M1",
                "RequestedQuantity": "2.000",
                "NetAmount": amount,
                "SalesDocumentRjcnReason": "",
            }
            for place, amount in enumerate(amounts, 1)
        ]
        known = {
            "SoldToParty": "17",
            "SalesOrderDate": "2026-03-01",
            "TransactionCurrency": "EUR",
            "OverallSDProcessStatus": "A",
            "TotalNetAmount": str(sum(int(amount) for amount in amounts)),
        }
        return self.add(ORDERS, SalesOrder=number, LastChangeDateTime=stamp, to_Item=items, **{**known, **values})

    def delivery(self, number: str, order: str, changed: str | None, **values: Any) -> Row:
        """A delivery of the first item of an order; as in some releases the item's number keeps its zeros."""
        item = {
            "DeliveryDocument": number,
            "DeliveryDocumentItem": "000010",
            "ReferenceSDDocument": order.zfill(10),
            "ReferenceSDDocumentItem": "000010",
            "ActualDeliveryQuantity": "2.000",
        }
        known = {"CreationDate": "2026-03-02", "SoldToParty": "17", "SDDocumentCategory": "J"}
        return self.add(
            DELIVERIES,
            DeliveryDocument=number,
            LastChangeDate=changed,
            to_DeliveryDocumentItem=[item],
            **known | values,
        )

    def bill(self, number: str, category: str, net: str, **values: Any) -> Row:
        """A billing document of customer 17 with one item and 19 % tax, rounded up; all amounts are positive."""
        tax = str(-(-int(net) * 19 // 100))
        item = {
            "BillingDocument": number,
            "BillingDocumentItem": "10",
            "BillingQuantity": "1",
            "NetAmount": net,
            "TaxAmount": tax,
            "SalesDocument": "1",
            "SalesDocumentItem": "000010",
        }
        known = {
            "SDDocumentCategory": category,
            "SoldToParty": "17",
            "CompanyCode": "1010",
            "BillingDocumentDate": "2026-03-03",
            "TransactionCurrency": "EUR",
            "TotalNetAmount": net,
            "TaxAmount": tax,
            "TotalGrossAmount": str(int(net) + int(tax)),
            "AccountingTransferStatus": "C",
            "LastChangeDateTime": "2026-03-03T08:00:00Z",
            "BillingDocumentIsCancelled": False,
        }
        return self.add(BILLS, BillingDocument=number, to_Item=[item], **known | values)

    def item(self, number: str, amount: str, **values: Any) -> Row:
        """An accounting item of customer 17, created on the third of March."""
        known = {
            "CompanyCode": "1010",
            "FiscalYear": "2026",
            "AccountingDocument": number,
            "AccountingDocumentItem": "1",
            "FinancialAccountType": "D",
            "Customer": "17",
            "AmountInTransactionCurrency": amount,
            "TransactionCurrency": "EUR",
            "PostingDate": "2026-03-03",
            "NetDueDate": "2026-04-02",
            "AccountingDocumentCreationDate": "2026-03-03",
            "IsCleared": False,
        }
        return self.add(ITEMS, **known | values)

    def reduces(self, number: str, amount: str, other: str, **values: Any) -> Row:
        """An item that names another one as what it reduces."""
        named = {"InvoiceReference": other, "InvoiceReferenceFiscalYear": "2026", "InvoiceItemReference": "001"}
        return self.item(number, amount, **named | values)
