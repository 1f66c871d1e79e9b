"""An order: what became of every line, the amounts it makes, and the chain of its documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.paginator import Page, Paginator

from customers import formats
from customers.access import User
from customers.pages.chain import build_chain
from customers.pages.chain_columns import Chain
from customers.pages.chain_foot import with_foot
from customers.pages.chain_links import EVIDENCE, links_of_order
from customers.pages.chain_shares import shares_of_order
from customers.pages.document import Heading, heading
from customers.pages.line_facts import BilledPart, OrderFacts, read_facts
from customers.pages.line_flow import (
    ZERO,
    Amounts,
    LineFlow,
    Parts,
    Standing,
    flow_of,
    order_parts,
    summed,
    with_amounts,
)
from customers.pages.line_rows import LineRow, write_lines
from customers.pages.line_table import LineTable
from customers.pages.order_amounts import Amount, order_amounts
from customers.pages.rate_note import rate_note
from integration_hub.models import ErpOrder, ErpOrderLine

LINES_A_PAGE = 100


@dataclass(frozen=True)
class OrderDocument:
    """What the order page shows. `order_lines` are all lines, `rows` those of the page; totals are of all lines."""

    head: Heading
    amounts: tuple[Amount, ...]
    parts: Parts
    order_lines: tuple[LineFlow, ...]
    rows: tuple[LineRow, ...]
    page: Page[LineFlow]
    totals: Amounts
    table: LineTable
    lines_total: Decimal | None
    equation: str
    differences: tuple[str, ...]
    known: tuple[str, ...]
    alone: LineFlow | None


def build_order(
    order: ErpOrder, user: User, as_of: date, currency: str, *, page: str = "", line: str = ""
) -> OrderDocument:
    """The page of an order at a day; `page` of its lines, or one `line` alone with everything behind it."""
    lines = list(ErpOrderLine.objects.live().filter(order=order.key).order_by("position", "key"))
    facts = read_facts(order, lines, as_of)
    standing = Standing(order, as_of, facts.billed_from)
    flows = with_amounts((flow_of(one, standing) for one in facts.lines), standing)
    parts, totals = order_parts(flows, standing), summed(flows)
    table = LineTable.of(flows, totals)
    alone = next((flow for flow in flows if flow.line.key == line), None)
    shown = Paginator([alone] if alone else flows, LINES_A_PAGE).get_page(page)
    counted = [flow for flow in flows if flow.facts.counts and not flow.line.cancelled]
    lines_total = sum((flow.line.net_amount or ZERO for flow in counted), ZERO) if counted else None
    net = order.net_amount if order.net_amount is not None else lines_total
    amounts, links = order_amounts(standing, parts, net, facts.billed), links_of_order(order)
    shares = shares_of_order(order, facts.billed, links, as_of)
    chain = with_foot(build_chain(links, user, order.key, shares), shares, amounts)
    label = "Quote" if standing.is_quote else "Order"
    return OrderDocument(
        head=heading("order", label, order, user, chain, rate=rate_note(order, order.ordered_on, currency)),
        amounts=amounts,
        parts=parts,
        order_lines=flows,
        rows=write_lines(list(shown), table, user, as_of, alone=alone is not None),
        page=shown,
        totals=totals,
        table=table,
        lines_total=lines_total,
        equation=_equation(totals, order.currency) if flows and not standing.is_quote else "",
        differences=_differences(order, flows, lines_total),
        known=_known(facts, order, chain),
        alone=alone,
    )


def _equation(totals: Amounts, currency: str) -> str:
    """How the columns make the ordered amount, in words."""
    terms = [f"delivered {formats.money(totals.delivered, currency)}"]
    if totals.over:
        terms[0] += f" (of it {formats.money(totals.over, currency)} more than ordered)"
    terms.append(f"still open {formats.money(totals.still_open, currency)}")
    if totals.rest:
        terms.append(f"cancelled rest {formats.money(totals.rest, currency)}")
    words = " + ".join(terms)
    less = f" − over-delivered {formats.money(totals.over, currency)}" if totals.over else ""
    return f"Ordered {formats.money(totals.ordered, currency)} = {words}{less}."


def _differences(order: ErpOrder, flows: Sequence[LineFlow], lines_total: Decimal | None) -> tuple[str, ...]:
    """Where header and lines of the ERP do not agree."""
    found = []
    if lines_total is not None and order.net_amount is not None and lines_total != order.net_amount:
        with_cancelled = sum((flow.line.net_amount or ZERO for flow in flows if flow.facts.counts), ZERO)
        if with_cancelled == order.net_amount:
            cancelled = formats.money(with_cancelled - lines_total, order.currency)
            found.append(f"The header’s net still holds cancelled lines of {cancelled}.")
        else:
            found.append(
                f"Does not reconcile: the lines make {formats.money(lines_total, order.currency)}, the header says "
                f"{formats.money(order.net_amount, order.currency)}; difference "
                f"{formats.money(order.net_amount - lines_total, order.currency)}. The figures above follow the header."
            )
    unpriced = sum(1 for flow in flows if flow.facts.counts and flow.line.net_amount is None)
    if unpriced:
        found.append(f"{formats.plural(unpriced, 'line')} without an amount, counted as nothing.")
    return tuple(found)


def _known(facts: OrderFacts, order: ErpOrder, chain: Chain) -> tuple[str, ...]:
    """What the source does not say line by line."""
    whole = [part for part in facts.billed if part.whole and not part.left_out]
    found = [
        _as_a_whole(verb, parts, order)
        for verb, parts in (
            ("Billed", [part for part in whole if part.kind != "credit_note"]),
            ("Credited", [part for part in whole if part.kind == "credit_note"]),
        )
        if parts
    ]
    if any(flow.shipped is None for flow in facts.lines) and order.fully_delivered_on is not None:
        named = any(flow.shipped is not None for flow in facts.lines)
        if not named and order.status != "cancelled":
            found.append("Delivered as a whole; the source names no delivery lines.")
    returns = [node.number for node in chain.deliveries if node.kind == "Return" and node.evidence != EVIDENCE["line"]]
    if returns:
        found.append(f"Returned without naming order lines: {', '.join(returns)}.")
    return tuple(found)


def _as_a_whole(verb: str, whole: Sequence[BilledPart], order: ErpOrder) -> str:
    own = [part.net for part in whole if part.currency == order.currency]
    amount = f" for {formats.money(sum(own, ZERO), order.currency)}" if own else ""
    return f"{verb} as a whole{amount}; the source names no lines, so that stands only at the order."
