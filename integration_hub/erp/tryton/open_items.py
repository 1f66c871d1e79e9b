"""Which entry settled which instalment of a Tryton invoice. Tryton closes entries in reconciliations, whole groups at
once, and ties a part payment to the invoice only: both are taken apart here, oldest first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
LAST_DAY = "9999-12-31"


@dataclass(frozen=True)
class Entry:
    """A line of the ledger on a receivable account; debits positive. `base` is in the company's currency, `foreign` in
    `currency` where the entry has one. `on` and `due` are ISO dates, `kind` is the type of its journal.
    """

    id: str
    move: str
    on: str
    due: str
    party: str | None
    base: Decimal
    foreign: Decimal
    currency: str
    reconciliation: str
    kind: str = ""
    origin: str = ""
    account: str = ""


@dataclass(frozen=True)
class Settled:
    """A part of an instalment, and the entry that settled it; None where that one is not shown to us."""

    item: Entry
    by: Entry | None
    on: str
    amount: Decimal


@dataclass
class Instalments:
    """The instalments of one invoice with what is open of each, in the invoice's currency."""

    amounts: dict[str, Decimal]
    open: dict[str, Decimal]
    settled: list[Settled]


def settle(
    items: Sequence[Entry],
    payments: Iterable[Entry],
    groups: Mapping[str, Sequence[Entry]],
    amount_of: Callable[[Entry], Decimal],
    unit: Decimal,
) -> Instalments:
    """Settle the items of one invoice. `payments` are tied to it, `groups` are whole reconciliations by their id,
    `amount_of` is an entry in the invoice's currency, and `unit` its smallest amount.

    The open amounts add up to what Tryton itself calls the amount to pay: entries in no reconciliation, and payments
    in none. Items that only offset each other (an instalment put off to another day) are left out.
    """
    own = {item.id for item in items}
    closed = {item.reconciliation for item in items if item.reconciliation in groups}
    moved = {key for key in closed if all(entry.id in own for entry in groups[key])}
    kept = [item for item in items if not (item.reconciliation and item.reconciliation in moved)]
    amounts = {item.id: amount_of(item) for item in kept}
    result = Instalments(amounts, {}, [])
    waiting: list[Entry] = []
    for item in kept:
        if item.reconciliation:
            result.open[item.id] = ZERO
            result.settled += _reconciled(item, groups.get(item.reconciliation, ()), amounts[item.id], own, unit)
        else:
            result.open[item.id] = amounts[item.id]
            waiting.append(item)
    waiting.sort(key=lambda item: (item.due or LAST_DAY, int(item.id)))
    loose = sorted((entry for entry in payments if not entry.reconciliation), key=_by_day)
    for payment in loose:
        _pay(result, waiting, payment, -amount_of(payment))
    return result


def _by_day(entry: Entry) -> tuple[str, int]:
    return entry.due or entry.on, int(entry.id)


def _pay(result: Instalments, waiting: Sequence[Entry], payment: Entry, amount: Decimal) -> None:
    """Take a part payment off the oldest instalments of its sign; what is too much goes off the last one."""
    for number, item in enumerate(waiting):
        left = result.open[item.id]
        last = number == len(waiting) - 1
        part = amount if last or abs(amount) <= abs(left) else left
        if left * amount < 0 and not last:
            continue
        if part:
            result.open[item.id] = left - part
            result.settled.append(Settled(item, payment, max(item.on, payment.on), part))
            amount -= part
        if not amount:
            return


def _reconciled(
    item: Entry, group: Sequence[Entry], amount: Decimal, own: set[str], unit: Decimal
) -> Iterable[Settled]:
    """Who settled a reconciled item: debits and credits of its group, matched oldest first."""
    if not amount:
        return
    weigh = _scale(group)
    total = weigh(item)
    pairs = [(other, part) for one, other, part in _matched(group, weigh) if one.id == item.id and part]
    left = amount
    for number, (other, part) in enumerate(pairs):
        last = number == len(pairs) - 1
        share = left if last else (amount * part / abs(total)).quantize(unit)
        left -= share
        if share:
            yield Settled(item, other, max(item.on, other.on), share)
    if not pairs:
        others = [entry for entry in group if entry.id not in own]
        by = others[0] if others else None
        yield Settled(item, by, max([item.on, *(entry.on for entry in others)]), amount)


def _scale(group: Sequence[Entry]) -> Callable[[Entry], Decimal]:
    """How entries of a group are weighed: in their common currency if they even out in it, else in the company's."""
    currencies = {entry.currency for entry in group if entry.foreign or not entry.base}
    if len(currencies) == 1 and "" not in currencies and not sum(entry.foreign for entry in group):
        return lambda entry: entry.foreign
    return lambda entry: entry.base


def _matched(group: Sequence[Entry], weigh: Callable[[Entry], Decimal]) -> Iterable[tuple[Entry, Entry, Decimal]]:
    """Pairs of entries with the (positive) weight that each took off the other, told from both sides."""
    sides: dict[bool, list[tuple[Entry, Decimal]]] = defaultdict(list)
    for entry in sorted(group, key=_by_day):
        weight = weigh(entry)
        if weight:
            sides[weight > 0].append((entry, abs(weight)))
    debits, counters = sides[True], sides[False]
    first = second = 0
    while first < len(debits) and second < len(counters):
        (debit, owed), (credit, had) = debits[first], counters[second]
        part = min(owed, had)
        yield debit, credit, part
        yield credit, debit, part
        debits[first], counters[second] = (debit, owed - part), (credit, had - part)
        first += owed == part
        second += had == part
