"""What settles a document, spread over its instalments oldest first, where the ERP ties it to the document only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
FAR = "9999-12-31"


@dataclass(slots=True)
class Instalment:
    """One part of a document: signed amount in its currency; `open` is what remains after `settle`."""

    key: str
    due: str
    amount: Decimal
    open: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Step:
    """Something that reduces the document by `amount` (with the document's sign; the opposite takes back)."""

    key: str
    day: str
    amount: Decimal
    payment: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a step that falls on one instalment; `key` names both."""

    key: str
    instalment: str
    step: Step
    amount: Decimal


def settle(instalments: Sequence[Instalment], steps: Sequence[Step], sign: int) -> list[Share]:
    """Take the steps in the order of their days off the instalments by due date; what is too much lands on the last.

    `sign` is that of the document: 1, or -1 for a credit note. Sets `open` of each instalment.
    """
    ordered = sorted(instalments, key=lambda each: (each.due or FAR, each.key))
    for each in ordered:
        each.open = each.amount
    shares: list[Share] = []
    for step in sorted(steps, key=lambda each: (each.day, each.key)):
        for each, part in _parts(ordered, step.amount * sign, sign):
            each.open -= part
            shares.append(Share(f"{step.key}/{each.key}", each.key, step, part))
    return shares


def _parts(ordered: Sequence[Instalment], amount: Decimal, sign: int) -> list[tuple[Instalment, Decimal]]:
    """How an amount falls on the instalments: positive settles from the first, negative takes back from the last."""
    parts: list[tuple[Instalment, Decimal]] = []
    if amount < 0:
        left = -amount
        for each in reversed(ordered):
            taken = min(left, max(ZERO, (each.amount - each.open) * sign))
            if taken:
                parts.append((each, -taken * sign))
                left -= taken
        if left:
            parts.append((ordered[0], -left * sign))
        return parts
    left = amount
    for each in ordered:
        part = left if each is ordered[-1] else min(left, max(ZERO, each.open * sign))
        if part:
            parts.append((each, part * sign))
            left -= part
    return parts


def state_of(gross: Decimal, still_open: Decimal, credited: Decimal) -> str:
    """Status of a posted document by its amounts: an ERP's own word for it lags behind or mixes in the date."""
    if still_open == gross and gross:
        return "open"
    if still_open:
        return "part_paid"
    return "reversed" if gross > 0 and credited == gross else "paid"
