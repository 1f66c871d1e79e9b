"""Orders and deliveries of Tryton with their lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import ClassVar

from integration_hub.erp.adapter import Batch
from integration_hub.erp.tryton.fields import Table, pointed, reference, stamp_of
from integration_hub.erp.tryton.plan import Plan, grouped, latest
from integration_hub.erp.tryton.rates import Rates
from integration_hub.erp.tryton.wire import Domain, Record, text_of

SALE_LINE = "sale.line"
MOVE = "stock.move"
RETURN = "stock.shipment.out.return"
ORDER_LINE = ("key", "order", "customer", "position", "kind", "net_amount", "source_modified_at")
ORDER_LINE_NEEDS = ("sale", "sequence", "type", "amount", "product.type")
DELIVERY_LINE = ("key", "delivery", "customer", "position", "order_line", "quantity", "source_modified_at")
DELIVERY_LINE_NEEDS = ("shipment", "origin", "quantity", "sale")
KINDS = {"service": "service", "goods": "goods", "assets": "goods"}


def line_kind(line: Record) -> str:
    """Kind of a line that is no down payment: by its product's type; an amount without a product is a charge."""
    if line.get("type", "line") != "line":
        return "text"
    product = line.get("product")
    return KINDS.get((product or {}).get("type") or "", "charge") if isinstance(product, dict) else "charge"


def line_amount(line: Record) -> str | None:
    """Net of tax; subtotals and comments carry none, whatever they show."""
    return text_of(line.get("amount")) if line.get("type", "line") == "line" else None


@dataclass
class Orders(Plan):
    """Sales. A foreign one is worth what the rate of its day says, as Tryton itself reckons."""

    rates: Rates = field(kw_only=True)

    computed: ClassVar[tuple[str, ...]] = ("key", "source_modified_at", "exchange_rate")
    needs: ClassVar[tuple[str, ...]] = ("party", "sale_date", "currency", "company.currency")
    touched: ClassVar[tuple[str, ...]] = ("", "lines.")
    lacks: ClassVar[tuple[str, ...]] = (
        "a line deleted by itself does not move the order: found when everything is read",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.lines = {
            name: self._table(stream, (stream.object,), ORDER_LINE, ORDER_LINE_NEEDS)
            for name, stream in self.within.items()
        }

    def beside(self) -> Mapping[str, Table]:
        return self.lines

    def line_keys(self, name: str) -> Iterator[Sequence[str]]:
        if self.stream.where:
            return super().line_keys(name)
        return self.flat_keys(SALE_LINE, "sale", [])

    def batch(self, model: str, page: Sequence[Record]) -> Batch:
        ids = [record["id"] for record in page]
        beside, stamps = {}, {each["id"]: stamp_of(each) for each in page}
        for name, table in self.lines.items():
            asked = table.asked(SALE_LINE)
            found = grouped(table.look(SALE_LINE, self.wire.of(SALE_LINE, "sale", ids, asked)), "sale")
            beside[name] = [row for each in page for row in _order_lines(table, each, found.get(each["id"], ()))]
            stamps = {each["id"]: max(stamps[each["id"]], latest(each, found.get(each["id"], ()))) for each in page}
        rows = [self.table.row(each, each["id"], stamps[each["id"]], self._rate(each)) for each in page]
        return Batch(rows, beside)

    def _rate(self, order: Record) -> str | None:
        own = reference(order.get("company") or {}, "currency")
        return self.rates.exchange(reference(order, "currency"), own, text_of(order.get("sale_date")))


def _order_lines(table: Table, order: Record, lines: Sequence[Record]) -> list[list[str | None]]:
    customer = reference(order, "party")
    return [
        table.row(
            line, line["id"], order["id"], customer, str(position), line_kind(line), line_amount(line), stamp_of(line)
        )
        for position, line in enumerate(lines, 1)
    ]


@dataclass
class Deliveries(Plan):
    """Shipments to customers, then what came back from them, with negative quantities."""

    computed: ClassVar[tuple[str, ...]] = ("key", "source_modified_at", "order", "is_return")
    needs: ClassVar[tuple[str, ...]] = ("customer",)
    touched: ClassVar[tuple[str, ...]] = ("", "moves.")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.lines = {
            name: self._table(stream, (stream.object,), DELIVERY_LINE, DELIVERY_LINE_NEEDS)
            for name, stream in self.within.items()
        }

    @property
    def models(self) -> Mapping[str, str]:
        return {self.stream.object: "", RETURN: "return-"}

    def beside(self) -> Mapping[str, Table]:
        return self.lines

    def line_keys(self, name: str) -> Iterator[Sequence[str]]:
        if self.stream.where or self.companies:
            return super().line_keys(name)
        every = ([["shipment.id", ">", 0, model], *_crossing(model)] for model in self.models)
        return chain.from_iterable(self.flat_keys(MOVE, "", domain) for domain in every)

    def batch(self, model: str, page: Sequence[Record]) -> Batch:
        prefix, back = self.models[model], model == RETURN
        ids = [record["id"] for record in page]
        beside: dict[str, list[list[str | None]]] = {}
        stamps = {each["id"]: stamp_of(each) for each in page}
        orders: dict[str, set[str]] = {}
        for name, table in self.lines.items():
            moves = []
            for part in (ids[start : start + 150] for start in range(0, len(ids), 150)):
                domain = [["shipment.id", "in", [int(each) for each in part], model], *_crossing(model)]
                moves += self.wire.all(MOVE, domain, table.asked(MOVE))
            table.look(MOVE, moves)
            found: dict[str, list[Record]] = {}
            for move in moves:
                found.setdefault(pointed(move.get("shipment"), model), []).append(move)
            orders = {each: {reference(move, "sale") for move in lines} - {""} for each, lines in found.items()}
            beside[name] = [
                row
                for each in page
                for row in _delivery_lines(table, each, prefix, found.get(each["id"], ()), back=back)
            ]
            stamps = {each["id"]: max(stamps[each["id"]], latest(each, found.get(each["id"], ()))) for each in page}
        rows = []
        for each in page:
            of = orders.get(each["id"], set())
            order = next(iter(of)) if len(of) == 1 else None
            rows.append(
                self.table.row(each, prefix + each["id"], stamps[each["id"]], order, "true" if back else "false")
            )
        return Batch(rows, beside)


def _crossing(model: str) -> Domain:
    """Moves that leave to a customer, or come back from one; those within the warehouse are left out."""
    outside = "from_location.type" if model == RETURN else "to_location.type"
    return [[outside, "=", "customer"], ["state", "!=", "cancelled"]]


def _delivery_lines(
    table: Table, delivery: Record, prefix: str, moves: Sequence[Record], *, back: bool
) -> list[list[str | None]]:
    rows = []
    for position, move in enumerate(moves, 1):
        quantity = text_of(move.get("quantity"))
        if back and quantity:
            quantity = str(-Decimal(quantity))
        line = pointed(move.get("origin"), SALE_LINE) or None
        owner = (prefix + delivery["id"], reference(delivery, "customer"))
        rows.append(table.row(move, move["id"], *owner, str(position), line, quantity, stamp_of(move)))
    return rows
