"""What is still open of accounting items of SAP: partial payments and credits stand as items of their own, and only
name the item they reduce (InvoiceReference). They count against it as long as both are open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.odata.columns import OPEN, OPEN_NEEDS
from integration_hub.erp.odata.filters import PARENTS_AT_ONCE, both
from integration_hub.erp.odata.functions import Row
from integration_hub.erp.odata.pages import START, Ask, Service
from integration_hub.erp.odata.plan import Plan, selection
from integration_hub.erp.odata.values import literal
from integration_hub.sources import SourceProblem

Document = tuple[str, str, str]
Item = tuple[str, str, str, str]
PAGE = 2000


@dataclass
class Receivable:
    """`prepare` reads all open items that reduce another one; they are few beside all items."""

    service: Service
    plan: Plan
    _less: dict[Item, Decimal] = field(default_factory=dict)
    _absorbed: set[Item] = field(default_factory=set)
    _involved: set[Document] = field(default_factory=set)

    def prepare(self) -> None:
        """Ask which items reduce which. Raises SourceProblem."""
        where = self.plan.documents.stream.where
        reducing = list(self._rows(both(where, "IsCleared eq false", "InvoiceReference ne ''")))
        named = {_document(row, "InvoiceReference", "InvoiceReferenceFiscalYear") for row in reducing}
        self._involved |= named | {_document(row) for row in reducing}
        bases: dict[Document, dict[Item, str]] = {}
        for condition in self.conditions(named):
            for row in self._rows(both(where, "IsCleared eq false", condition)):
                if not row.get("InvoiceReference"):
                    bases.setdefault(_document(row), {})[_item(row)] = str(row.get("TransactionCurrency"))
        for row in reducing:
            self._set_off(row, bases.get(_document(row, "InvoiceReference", "InvoiceReferenceFiscalYear"), {}))

    def adjust(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows with what is open of each in its own currency."""
        return [{**row, OPEN: self._open(row)} for row in rows]

    def involved(self) -> Iterator[str]:
        """Conditions for all documents whose open amount may have moved although they did not change."""
        return self.conditions(self._involved)

    def conditions(self, documents: set[Document]) -> Iterator[str]:
        """Conditions that name these documents."""
        names = ("CompanyCode", "FiscalYear", "AccountingDocument")
        terms = [
            " and ".join(
                f"{name} eq {literal(part, self.plan.entity.properties[name], self.service.version)}"
                for name, part in zip(names, document, strict=True)
            )
            for document in sorted(documents)
        ]
        for start in range(0, len(terms), PARENTS_AT_ONCE // 2):
            some = terms[start : start + PARENTS_AT_ONCE // 2]
            yield some[0] if len(some) == 1 else " or ".join(f"({term})" for term in some)

    def _rows(self, condition: str) -> Iterator[Row]:
        paths = frozenset((name,) for name in (*OPEN_NEEDS, *self.plan.entity.keys))
        address = "/".join(each for each in (self.plan.root, self.plan.address) if each)
        ask = Ask(address, self.plan.entity, selection(paths, self.service.version), condition, PAGE)
        for rows, _ in self.service.pages(ask, START):
            yield from rows

    def _set_off(self, row: Row, bases: dict[Item, str]) -> None:
        """Count an item against the open one it names; without a number of an item, against the document's first."""
        same = [item for item, currency in bases.items() if currency == str(row.get("TransactionCurrency"))]
        wanted = _bare(row.get("InvoiceItemReference"))
        found = [item for item in same if item[3] == wanted] if wanted else sorted(same)
        if found:
            self._less[found[0]] = self._less.get(found[0], Decimal(0)) + self._amount(row)
            self._absorbed.add(_item(row))

    def _open(self, row: Row) -> str:
        item = _item(row)
        if row.get("InvoiceReference"):
            self._involved.add(_document(row, "InvoiceReference", "InvoiceReferenceFiscalYear"))
        if row.get("IsCleared") is True or item in self._absorbed:
            return "0"
        return format(self._amount(row) + self._less.get(item, Decimal(0)), "f")

    def _amount(self, row: Row) -> Decimal:
        text = str(row.get("AmountInTransactionCurrency") or "0")
        try:
            return Decimal(text)
        except InvalidOperation as error:
            raise SourceProblem(
                f'The amount "{text[:40]}" of an accounting item of {self.service.session.source.label} is no number.',
                f"What is open cannot be told without it. {KEPT}",
                "Look at the item in SAP.",
            ) from error


def _bare(value: object) -> str:
    """SAP hides leading zeros in some fields and shows them in others."""
    return str(value or "").lstrip("0")


def _document(row: Row, number: str = "AccountingDocument", year: str = "FiscalYear") -> Document:
    return (str(row.get("CompanyCode")), str(row.get(year)), _bare(row.get(number)))


def _item(row: Row) -> Item:
    company, year, number = _document(row)
    return (company, year, number, _bare(row.get("AccountingDocumentItem")))
