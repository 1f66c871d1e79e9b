"""Payments of customers in Odoo, and money given back to them, which counts negative."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from integration_hub.erp.adapter import Row
from integration_hub.erp.odoo.items import LINE, receivable
from integration_hub.erp.odoo.kinds import Kind, latest
from integration_hub.erp.odoo.reader import Domain, Record
from integration_hub.erp.odoo.values import exact, plain, reference, signed

VOID = ("draft", "cancel", "canceled", "rejected")
"""States, in all versions, of a payment that was not made (any more): it is gone."""


class Payments(Kind):
    """account.payment. What of it settles nothing yet is the open rest of its journal item; payments without a journal
    entry (from 18 on, for journals without an outstanding account) do not say.
    """

    model = "account.payment"
    computed = (
        "key", "number", "customer", "company", "paid_on", "currency", "amount", "unallocated_amount", "reference",
        "changed_at",
    )  # fmt: skip
    needs = (
        "name", "partner_id", "company_id", "date", "currency_id", "amount", "payment_type", "ref", "memo", "state",
    )  # fmt: skip

    def base(self) -> Domain:
        # Until 17 money that moves between own accounts is a payment too, of the kind that a customer's would be; in 18
        # the old ones are still told by their counterpart.
        own = self.reader.having(self.model, "is_internal_transfer", "paired_internal_transfer_payment_id")
        return [["partner_type", "=", "customer"], *([[own, "=", False]] if own else [])]

    def live(self) -> Domain:
        return [["state", "not in", list(VOID)]]

    def left(self) -> Domain:
        return [["state", "in", list(VOID)]]

    def stamps(self) -> tuple[str, ...]:
        # Reconciling moves the journal items' stamps, which tell what is left of a payment.
        return ("move_id.line_ids.write_date",)

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        partners = self.commercial(records, "partner_id")
        ids = [str(each["id"]) for each in records]
        fields = ["amount_residual_currency", "write_date"]
        items = self.reader.children(LINE, "payment_id", ids, fields, where=receivable(self.reader))
        rows = []
        for each in records:
            places = self.reader.places(each["currency_id"])
            number = plain(each["name"])
            own = items.get(str(each["id"]), [])
            values = [
                str(each["id"]),
                number if number != "/" else None,
                partners.get(reference(each["partner_id"]) or ""),
                reference(each["company_id"]),
                plain(each["date"]),
                self.reader.currency(each["currency_id"]),
                signed(exact(each["amount"], places), negative=each["payment_type"] == "outbound"),
                _left(own, places),
                plain(each.get("memo")) or plain(each.get("ref")),
                latest(each, own),
            ]
            rows.append(self.header.row(values, each))
        return rows, {}


def _left(items: Sequence[Mapping[str, object]], places: int) -> str | None:
    """The rest with a payment's sign: its journal item is a credit."""
    if not items:
        return None
    return format(
        -sum((Decimal(exact(each["amount_residual_currency"], places) or 0) for each in items), Decimal(0)), "f"
    )
