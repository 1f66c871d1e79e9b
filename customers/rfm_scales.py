"""Where the scores 2 to 5 of recency, frequency and monetary value begin: numbers that stay as they are until somebody
sets others, so a customer moves by its own doing only, and the same values always score the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

from customers import formats
from customers.written_numbers import BadNumber, read_number

CLASSES = (2, 3, 4, 5)
ORDERS = {"all": "All orders up to the day", "12m": "Orders of 12 months"}
AMOUNTS = {
    "24m": "Revenue of 24 months, net of credit notes",
    "12m": "Revenue of 12 months, net of credit notes",
    "average": "Revenue of 12 months per order of 12 months that has a rate, net of credit notes",
}
LONGEST_DAYS, MOST = 36_500, Decimal("999999999999.99")
Number = TypeVar("Number", int, Decimal)


class BadScales(ValueError):
    """What somebody entered makes no scale; the message says where and what to enter."""


@dataclass(frozen=True, kw_only=True)
class Scales:
    """Each tuple says where 2, 3, 4 and 5 begin: `recency` in days since the last order, at most; `frequency` in
    orders and `monetary` in the reporting currency, at least. None: nobody reaches that score. Equal neighbours leave
    the lower score empty. A customer is new for `new_days` from its first order, that day included.
    """

    recency: tuple[int | None, ...] = (365, 180, 90, 30)
    frequency: tuple[int | None, ...] = (2, 5, 10, 20)
    monetary: tuple[Decimal | None, ...] = (Decimal(5000), Decimal(20000), Decimal(60000), Decimal(150000))
    orders: str = "all"
    amount: str = "24m"
    new_days: int = 90

    def checked(self) -> "Scales":
        """The scales themselves. Raises BadScales where they are in no order."""
        for name in ("recency", "frequency", "monetary"):
            _check_order(name, getattr(self, name))
        if self.orders not in ORDERS or self.amount not in AMOUNTS:
            raise BadScales("Choose which orders and which revenue count.")
        if not 0 <= self.new_days <= LONGEST_DAYS:
            raise BadScales(f"A customer is new for 0 to {LONGEST_DAYS:,} days.")
        return self

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it; amounts as exact text."""
        kept: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("recency", "frequency"):
            kept[name] = list(kept[name])
        return kept | {"monetary": [None if value is None else str(value) for value in self.monetary]}


USUAL = Scales()


def from_stored(kept: Mapping[str, Any]) -> Scales:
    """What `stored` wrote."""
    values = dict(kept)
    for name in ("recency", "frequency"):
        values[name] = tuple(values[name])
    values["monetary"] = tuple(None if value is None else Decimal(value) for value in values["monetary"])
    return Scales(**values)


def _check_order(name: str, limits: Sequence[Decimal | int | None]) -> None:
    if len(limits) != len(CLASSES):
        raise BadScales(f"{LABELS[name]} needs a number for each of the scores 2 to 5.")
    for (lower, low), (higher, high) in pairwise(zip(CLASSES, limits, strict=True)):
        if low is None and high is not None:
            raise BadScales(f"{LABELS[name]}: score {higher} has a number, so score {lower} needs one as well.")
        if low is None or high is None or low == high:
            continue
        if (high > low) is (name == "recency"):
            turned = "fewer days" if name == "recency" else "more"
            raise BadScales(f"{LABELS[name]}: score {higher} must take {turned} than score {lower}, or the same.")


LABELS = {"recency": "Recency", "frequency": "Frequency", "monetary": "Monetary value"}


def read_scales(parameters: Mapping[str, str], start: Scales = USUAL) -> Scales:
    """The scales that a form or URL asks for: r2 to r5, f2 to f5, m2 to m5 (empty: nobody), new_days, orders, amount;
    what is not there at all stays as in `start`. Raises BadScales.
    """
    found = replace(
        start,
        recency=_limits(parameters, "recency", start.recency, _days),
        frequency=_limits(parameters, "frequency", start.frequency, _count),
        monetary=_limits(parameters, "monetary", start.monetary, _amount),
        orders=parameters.get("orders") or start.orders,
        amount=parameters.get("amount") or start.amount,
        new_days=_days("New", parameters["new_days"]) if parameters.get("new_days") else start.new_days,
    )
    return found.checked()


def written(scales: Scales) -> dict[str, str]:
    """What `read_scales` reads as these scales."""
    values = {"orders": scales.orders, "amount": scales.amount, "new_days": str(scales.new_days)}
    for name in LABELS:
        for score, limit in zip(CLASSES, getattr(scales, name), strict=True):
            values[f"{name[0]}{score}"] = "" if limit is None else format(limit, "f" if name == "monetary" else "d")
    return values


def _limits(
    parameters: Mapping[str, str], name: str, start: Sequence[Number | None], read: Callable[[str, str], Number]
) -> tuple[Number | None, ...]:
    limits: list[Number | None] = []
    for score, before in zip(CLASSES, start, strict=True):
        text = parameters.get(f"{name[0]}{score}")
        if text is None:
            limits.append(before)
        else:
            limits.append(read(f"{LABELS[name]}, score {score}", text) if text.strip() else None)
    return tuple(limits)


def _number(where: str, text: str) -> Decimal:
    try:
        number = read_number(text, "30")
    except BadNumber as problem:
        raise BadScales(f"{where}: {problem}, or nothing.") from problem
    if abs(number) > MOST:
        raise BadScales(f"{where}: {text[:40]} is out of range.")
    return number


def _count(where: str, text: str) -> int:
    number = _number(where, text)
    if number != number.to_integral_value() or number < 0 or number > 2_000_000_000:
        raise BadScales(f"{where}: {text[:40]} must be a whole number, 0 or more.")
    return int(number)


def _days(where: str, text: str) -> int:
    days = _count(where, text)
    if days > LONGEST_DAYS:
        raise BadScales(f"{where}: at most {LONGEST_DAYS:,} days.")
    return days


def _amount(where: str, text: str) -> Decimal:
    number = _number(where, text)
    cents = number.quantize(Decimal("0.01"))
    if cents != number:
        raise BadScales(f"{where}: {text[:40]} has more than two decimals.")
    return Decimal(int(cents)) if cents == cents.to_integral_value() else cents


def limit_words(scales: Scales, name: str, score: int, currency: str) -> str:
    """What a customer needs for a score, such as "ordered in the last 30 days"; "nobody" for a score that none has."""
    limits: tuple[Any, ...] = getattr(scales, name)
    own = limits[score - 2] if score >= 2 else None
    above = limits[score - 1] if score < 5 else None
    if score == 1:
        return _below(scales, name, above, currency)
    if own is None or own == above:
        return "nobody"
    return _from(scales, name, own, currency)


def scale_words(scales: Scales, name: str, currency: str) -> tuple[tuple[int, str], ...]:
    """Each score from 5 down to 1 with what it takes."""
    return tuple((score, limit_words(scales, name, score, currency)) for score in (5, 4, 3, 2, 1))


def _from(scales: Scales, name: str, limit: Any, currency: str) -> str:
    if name == "recency":
        return f"ordered in the last {formats.days(limit)}" if limit else "ordered on the very day"
    if name == "frequency":
        return f"{_orders(limit)} or more{_period(scales)}"
    return f"{formats.money(limit, currency, places=0 if limit == int(limit) else 2)} or more"


def _below(scales: Scales, name: str, above: Any, currency: str) -> str:
    if above is None:
        return "everybody else"
    if name == "recency":
        return f"last order more than {formats.days(above)} ago"
    if name == "frequency":
        return f"fewer than {_orders(above)}{_period(scales)}"
    return f"less than {formats.money(above, currency, places=0 if above == int(above) else 2)}"


def _orders(number: int) -> str:
    return f"{number:,} order" if number == 1 else f"{number:,} orders"


def _period(scales: Scales) -> str:
    return " in 12 months" if scales.orders == "12m" else ""


def emptied(scales: Scales) -> tuple[str, ...]:
    """A sentence for each scale that has fewer than five scores, because neighbours begin at the same value."""
    sentences = []
    for name, label in LABELS.items():
        limits: tuple[Any, ...] = getattr(scales, name)
        empty = [str(score) for score in CLASSES if limit_words(scales, name, score, "") == "nobody"]
        if not empty:
            continue
        if all(limit is None for limit in limits):
            sentences.append(f"{label} tells nobody apart: everybody scores 1.")
        else:
            word = "Score" if len(empty) == 1 else "Scores"
            verb = "stays" if len(empty) == 1 else "stay"
            sentences.append(
                f"{label} has {5 - len(empty)} scores instead of five: {word.lower()} {_listed(empty)} {verb} empty."
            )
    return tuple(sentences)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
