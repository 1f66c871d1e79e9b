"""Companies, rates, products, customers and contacts of Odoo.

A customer is a commercial partner: a company, or a person without a parent. Left out are partners that are vendors
only, users of Odoo itself, and the own companies, unless they were sold something (see sold_to).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from integration_hub.erp.adapter import Row
from integration_hub.erp.odoo.kinds import Kind, latest
from integration_hub.erp.odoo.reader import Domain, Record
from integration_hub.erp.odoo.sold import sold_since, sold_to
from integration_hub.erp.odoo.values import boolean, exact, plain, ratio, reference

ROLES = {"contact": "", "invoice": "Invoice address", "delivery": "Delivery address", "private": "Private address"}
TERM_LINE = "account.payment.term.line"
NOT_PLAIN: Mapping[str, frozenset[str | None]] = {
    "option": frozenset({"day_after_invoice_date"}),  # 15
    "day_of_the_month": frozenset({None, "0"}),  # 15
    "months": frozenset({None, "0"}),  # 16
    "end_month": frozenset({None}),  # 16, which is what gives days_after a meaning
    "delay_type": frozenset({"days_after"}),  # 17 on
}
"""Fields of an instalment, by version -> the values with which it is due a number of days after the invoice's date."""


class Companies(Kind):
    """The companies that are read."""

    model = "res.company"
    computed = ("key", "code", "currency", "time_zone")
    stamped = False

    def base(self) -> Domain:
        return [["id", "in", [int(key) for key in self.reader.companies]]]

    def of_companies(self) -> Domain:
        return []

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        own = self.reader.companies
        known = [(own[str(each["id"])], each) for each in records]
        return [self.header.row([it.key, it.key, it.currency, it.zone], each) for it, each in known], {}


class Rates(Kind):
    """Rates per company. Odoo keeps units of the currency per one of the company's; we want it the other way."""

    model = "res.currency.rate"
    computed = ("key", "currency", "base", "rate", "changed_at")
    needs = ("currency_id", "company_id", "rate", "company_rate")

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        own = self.reader.companies
        first = next(iter(own.values()))  # a rate of no company is computed for the first of the context
        rows = []
        for each in records:
            company = own.get(reference(each["company_id"]) or "", first)
            rate = ratio("1", each.get("company_rate") or each["rate"])
            values = [str(each["id"]), self.reader.currency(each["currency_id"]), company.currency, rate, latest(each)]
            rows.append(self.header.row(values, each))
        return rows, {}


class Products(Kind):
    """Variants, which is what lines name."""

    model = "product.product"
    computed = ("key", "unit", "category", "changed_at")
    named_by: ClassVar = {"uom.uom": "name", "product.category": "complete_name"}
    needs = ("uom_id", "categ_id")

    def stamps(self) -> tuple[str, ...]:
        return ("product_tmpl_id.write_date",)  # name and unit are the template's

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        label = self.reader.label
        return [
            self.header.row(
                [
                    str(each["id"]),
                    label("uom.uom", each["uom_id"]),
                    label("product.category", each["categ_id"], "complete_name"),
                    latest(each),
                ],
                each,
            )
            for each in records
        ], {}


class Customers(Kind):
    """Commercial partners. `number` is the internal reference, or Odoo's id where there is none."""

    model = "res.partner"
    computed = (
        "key", "number", "company", "parent", "street", "country", "payment_terms", "payment_days", "salesperson",
        "credit_limit", "blocked", "block_reason", "archived", "changed_at", "registration_number",
    )  # fmt: skip
    named_by: ClassVar = {"res.country": "code", "account.payment.term": "name", "res.users": "name"}
    needs = (
        "ref", "company_id", "parent_id", "street", "street2", "country_id", "property_payment_term_id", "user_id",
        "credit_limit", "use_partner_credit_limit", "sale_warn", "sale_warn_msg", "active", "company_registry",
    )  # fmt: skip

    def base(self) -> Domain:
        return ["|", ["is_company", "=", True], ["parent_id", "=", False], *sold_to(self)]

    def woken(self, since: datetime) -> Domain:
        return [["id", "in", sold_since(self, since)]]

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        parents = self.commercial(records, "parent_id")
        days = self._days()
        label = self.reader.label
        rows = []
        for each in records:
            term = reference(each.get("property_payment_term_id"))
            blocked = each.get("sale_warn") == "block"
            limited = each.get("use_partner_credit_limit", True)
            values = [
                str(each["id"]),
                plain(each["ref"]) or str(each["id"]),
                reference(each["company_id"]),
                parents.get(reference(each["parent_id"]) or ""),
                ", ".join(line for line in (each["street"], each["street2"]) if line) or None,
                label("res.country", each["country_id"], "code"),
                label("account.payment.term", term),
                days.get(term or ""),
                label("res.users", each["user_id"]),
                exact(each.get("credit_limit"), 4) if limited and float(each.get("credit_limit") or 0) else None,
                boolean(blocked),
                plain(each.get("sale_warn_msg")) if blocked else None,
                boolean(not each["active"]),
                latest(each),
                plain(each.get("company_registry")),
            ]
            rows.append(self.header.row(values, each))
        return rows, {}

    def _days(self) -> Mapping[str, str]:
        """Payment term -> days until the last instalment is due, where all its instalments are plain days after the
        invoice's date. "End of next month" is no number of days.
        """
        name = self.reader.having(TERM_LINE, "nb_days", "days")
        longest: dict[str, int] = {}
        other: set[str] = set()
        for each in self.reader.table(TERM_LINE, ["payment_id", name, *NOT_PLAIN]).values() if name else ():
            term = reference(each["payment_id"]) or ""
            longest[term] = max(longest.get(term, 0), int(each[name] or 0))
            if any(name in each and plain(each[name]) not in usual for name, usual in NOT_PLAIN.items()):
                other.add(term)
        return {term: str(number) for term, number in longest.items() if term not in other}


class Contacts(Kind):
    """Persons and addresses below a customer. An archived one is gone."""

    model = "res.partner"
    computed = ("key", "customer", "name", "role", "phone", "changed_at")
    needs = ("name", "type", "function", "phone", "mobile", "commercial_partner_id", "active")
    children: ClassVar = {}

    def base(self) -> Domain:
        return [["is_company", "=", False], ["parent_id", "!=", False], *sold_to(self, "commercial_partner_id")]

    def woken(self, since: datetime) -> Domain:
        return [["commercial_partner_id", "in", sold_since(self, since)]]

    def live(self) -> Domain:
        return [["active", "=", True]]

    def left(self) -> Domain:
        return [["active", "=", False]]

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        rows = []
        for each in records:
            kind = ROLES.get(plain(each["type"]) or "", "Other address")
            values = [
                str(each["id"]),
                reference(each["commercial_partner_id"]),
                plain(each["name"]) or kind or "Contact",
                plain(each["function"]) or kind,
                plain(each["phone"]) or plain(each.get("mobile")),
                latest(each),
            ]
            rows.append(self.header.row(values, each))
        return rows, {}
