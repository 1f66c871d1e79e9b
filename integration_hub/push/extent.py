"""How much room a field's wanted values need, measured before anything is compared or sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from integration_hub.config import PushField
from integration_hub.push.wanted import Kind, WantedRow, WantedValue

CENTS = 2


@dataclass
class Extent:
    """The largest demands of one field's values. `decimals` counts at most cents: what is finer is rounded anyway."""

    kinds: set[Kind] = field(default_factory=set)
    whole_digits: int = 0
    decimals: int = 0
    length: int = 0
    has_empty: bool = False
    texts: set[str] = field(default_factory=set)

    def add(self, value: WantedValue) -> None:
        """Take one more value into account."""
        if value is None:
            self.has_empty = True
        elif isinstance(value, date):
            self.kinds.add(Kind.DATE)
        elif isinstance(value, str):
            self.kinds.add(Kind.TEXT)
            self.length = max(self.length, len(value))
            self.texts.add(value)
        else:
            self._add_number(Decimal(value))

    def _add_number(self, number: Decimal) -> None:
        self.kinds.add(Kind.NUMBER)
        shown = number.normalize()
        exponent = shown.as_tuple().exponent
        if not isinstance(exponent, int):
            message = f"{number} is not a number that can be written to Salesforce"
            raise TypeError(message)
        self.decimals = max(self.decimals, min(CENTS, -exponent))
        self.whole_digits = max(self.whole_digits, shown.adjusted() + 1 if shown else 0)


def measure(rows: Iterable[WantedRow], fields: Sequence[PushField]) -> tuple[list[WantedRow], dict[str, Extent]]:
    """Read the rows once: all of them, and the extent of each field."""
    kept: list[WantedRow] = []
    extents = {rule.field: Extent() for rule in fields}
    for row in rows:
        kept.append(row)
        for name, extent in extents.items():
            if name in row.values:
                extent.add(row.values[name])
    return kept, extents
