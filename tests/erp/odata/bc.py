"""A small Business Central with two companies behind the OData stand-in, and its token service."""

from typing import Any
from urllib.parse import parse_qs

from tests.erp.odata.described import facts
from tests.erp.odata.world import PASSWORD, ODataStandin, Row
from tests.erp.standin import Asked, Reply

BASE = "/v2.0/tenant/production/api/v2.0"
NORTH, SOUTH = "10000000-0000-0000-0000-000000000001", "20000000-0000-0000-0000-000000000002"
HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "bc"
label = "Business Central"
kind = "odata"
profile = "business_central"
url = "{url}/v2.0/tenant/production/api/v2.0"
token_url = "{url}/oauth2/v2.0/token"
client_id = "client"
client_secret = "${{BC_SECRET}}"
requests_per_minute = 0
page_rows = 2
max_deleted_share = 0.6
{options}
"""
SETS = (
    *("items", "customers", "customerContacts", "salesOrders", "salesShipments", "salesInvoices", "salesCreditMemos"),
    "currencyExchangeRates",
)


def guid(number: int) -> str:
    """An id."""
    return f"{number:08d}-0000-0000-0000-00000000000a"


class BusinessCentral(ODataStandin):
    """The server: no "or" of different fields, tokens that can run out, next links by the last key."""

    def __init__(self) -> None:
        super().__init__("v4", facts("business_central"), base=BASE)
        self.joined_or = False
        self.tokens: list[str] = []
        self.expired: set[str] = set()
        self.allowed = lambda header: header.removeprefix("Bearer ") in set(self.tokens) - self.expired
        self.data["companies"] = []
        for company, name, currency in ((NORTH, "NORTH", "EUR"), (SOUTH, "SOUTH", "USD")):
            self.data["companies"].append({"id": company, "name": name, "displayName": f"{name} Inc"})
            about = {"id": guid(1), "displayName": f"{name} Inc", "currencyCode": currency}
            self.data[f"companies({company})/companyInformation"] = [about]
            self.data |= {f"companies({company})/{each}": [] for each in SETS}

    def answer(self, asked: Asked) -> Reply:
        """A token, or what was asked for."""
        if asked.path != "/oauth2/v2.0/token":
            return super().answer(asked)
        form = parse_qs(str(asked.body))
        if form.get("client_secret") != [PASSWORD]:
            return Reply({"error": "invalid_client", "error_description": "Invalid client secret provided."}, 401)
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        return Reply({"access_token": self.tokens[-1], "expires_in": 3599})

    def rows(self, name: str, company: str = NORTH) -> list[Row]:
        """The rows of an entity set of a company."""
        return self.data[f"companies({company})/{name}"]

    def add(self, name: str, row_id: int, company: str = NORTH, **values: Any) -> Row:
        """A row with every property of its entity set, empty where nothing is said."""
        described = {each: text for each, text in self.facts[""][name].items() if each != "keys"}
        row: Row = {each: "" if text in {"String", "enum"} else None for each, text in described.items()}
        row |= {"id": guid(row_id), "lastModifiedDateTime": "2026-03-01T10:00:00Z"} | values
        self.rows(name, company).append(row)
        return row

    def line(self, name: str, number: int, net: str, **values: Any) -> Row:
        """A line of a document."""
        described = {each: text for each, text in self.facts[""][name].items() if each != "keys"}
        row: Row = {each: "" if text in {"String", "enum"} else None for each, text in described.items()}
        known = {"id": guid(number), "sequence": 10000, "lineType": "Item", "quantity": "2", "netAmount": net}
        return row | {name: value for name, value in {**known, **values}.items() if name in described}

    def order(self, row_id: int, net: str, company: str = NORTH, **values: Any) -> Row:
        """An order with one line."""
        line = self.line("salesOrderLines", row_id * 100, net, shippedQuantity="0", invoicedQuantity="0")
        known = {"number": f"SO{row_id}", "customerId": guid(17), "orderDate": "2026-02-01", "status": "Open"}
        amounts = {"totalAmountExcludingTax": net, "totalAmountIncludingTax": net}
        return self.add("salesOrders", row_id, company, salesOrderLines=[line], **known | amounts | values)

    def invoice(self, row_id: int, net: str, still: str, company: str = NORTH, **values: Any) -> Row:
        """A posted invoice with one line and no tax, of which `still` is open."""
        known = {
            "number": f"SI{row_id}",
            "customerId": guid(17),
            "invoiceDate": "2026-03-01",
            "postingDate": "2026-03-01",
            "dueDate": "2026-03-31",
            "status": "Open",
            "remainingAmount": still,
            "totalAmountExcludingTax": net,
            "totalTaxAmount": "0",
            "totalAmountIncludingTax": net,
            "salesInvoiceLines": [self.line("salesInvoiceLines", row_id * 100, net)],
        }
        return self.add("salesInvoices", row_id, company, **known | values)

    def credit_memo(self, row_id: int, net: str, **values: Any) -> Row:
        """A posted credit memo with one line and no tax; its amounts are positive."""
        known = {
            "number": f"CM{row_id}",
            "customerId": guid(17),
            "creditMemoDate": "2026-03-02",
            "postingDate": "2026-03-02",
            "status": "Open",
            "totalAmountExcludingTax": net,
            "totalTaxAmount": "0",
            "totalAmountIncludingTax": net,
            "salesCreditMemoLines": [self.line("salesCreditMemoLines", row_id * 100, net)],
        }
        return self.add("salesCreditMemos", row_id, **known | values)
