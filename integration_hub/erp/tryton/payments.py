"""Money received: entries on receivable accounts that no invoice posted itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from integration_hub.erp.adapter import Batch
from integration_hub.erp.tryton.fields import stamp_of
from integration_hub.erp.tryton.ledger import (
    ENTRY_FIELDS,
    OF_AN_INVOICE,
    RECEIVABLE,
    WRITTEN_OFF,
    Owners,
    entry_of,
)
from integration_hub.erp.tryton.open_items import ZERO, Entry
from integration_hub.erp.tryton.plan import Plan
from integration_hub.erp.tryton.wire import Domain, Record


@dataclass
class Payments(Plan):
    """Bank and cash entries, and entries made by hand; refunds and opening debts are negative.

    What is in no reconciliation and tied to no invoice is unallocated, so that open items less unallocated amounts
    are the balance of the receivable accounts.
    """

    computed: ClassVar[tuple[str, ...]] = ("key", "source_modified_at", "currency", "amount", "unallocated_amount")
    needs: ClassVar[tuple[str, ...]] = (
        *ENTRY_FIELDS,
        "second_currency.code",
        "move.company.currency.code",
        "invoice_payments",
    )
    touched: ClassVar[tuple[str, ...]] = ("", "invoice_payments.")
    company: ClassVar[str] = "move.company"
    key_fields: ClassVar[tuple[str, ...]] = ENTRY_FIELDS
    lacks: ClassVar[tuple[str, ...]] = (
        "an open entry that belongs to no invoice counts as unallocated, never as overdue",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.owners = Owners(self.wire, self.catalogue)

    def own_conditions(self, _model: str) -> Domain:
        return [
            RECEIVABLE,
            ["move.state", "=", "posted"],
            ["move.journal.type", "!=", WRITTEN_OFF],
            ["OR", ["move.journal.type", "!=", OF_AN_INVOICE], ["move.origin", "=", None]],
        ]

    def batch(self, model: str, page: Sequence[Record]) -> Batch:
        rows = []
        for record, entry in self._payments(page):
            foreign = record.get("second_currency")
            code = foreign["code"] if foreign else record["move"]["company"]["currency"]["code"]
            amount = -(entry.foreign if foreign else entry.base)
            loose = not entry.reconciliation and not record.get("invoice_payments")
            rows.append(
                self.table.row(record, entry.id, stamp_of(record), code, str(amount), str(amount if loose else ZERO))
            )
        return Batch(rows)

    def keys_of(self, prefix: str, page: Sequence[Record]) -> Sequence[str]:
        return [prefix + entry.id for _, entry in self._payments(page)]

    def _payments(self, page: Sequence[Record]) -> list[tuple[Record, Entry]]:
        """What of a page is no invoice's own entry and not only a difference of exchange."""
        entries: Mapping[str, Entry] = {record["id"]: entry_of(record) for record in page}
        owned = self.owners.learn(entries.values())
        return [
            (record, entries[record["id"]])
            for record in page
            if entries[record["id"]].move not in owned
            and (entries[record["id"]].foreign if entries[record["id"]].currency else entries[record["id"]].base)
        ]
