"""How the payments of an order's chain come to the figure "Paid" of its page, in words."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from customers import formats
from customers.pages.chain_columns import Chain, Column
from customers.pages.chain_shares import Shares
from customers.pages.order_amounts import Amount

# Parts and figure are rounded apart from each other.
ROUNDED = Decimal("0.01")


def with_foot(chain: Chain, shares: Shares, amounts: Iterable[Amount]) -> Chain:
    """The chain with the words under its payments, where one currency and no hidden document keep them complete."""
    *others, payments = chain.columns
    paid = next(one for one in amounts if one.label == "Paid")
    if not payments.nodes or payments.hidden or paid.value is None or paid.others:
        return chain
    if any(total.currency != paid.currency for total in payments.totals) or not payments.totals:
        return chain
    return Chain((*others, replace(payments, foot=_words(payments, shares, paid, paid.value))))


def _words(payments: Column, shares: Shares, paid: Amount, figure: Decimal) -> str:
    net = shares.net_paid.get(paid.currency, Decimal(0))
    otherwise = figure - (net - paid.advance)
    found = []
    if abs(net - payments.totals[0].amount) > ROUNDED:
        found.append(f"that is {formats.money(net, paid.currency)} net")
    if paid.advance:
        found.append(f"of it {formats.money(paid.advance, paid.currency)} in advance")
    if abs(otherwise) > ROUNDED:
        found.append(f"{formats.money(otherwise, paid.currency)} settled by other means, such as credit notes")
    return "; ".join(found)
