"""How much room a field's values need, measured where they are, after their conversion and before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql

from integration_hub.config import PushField
from integration_hub.push.comparison import Comparison
from integration_hub.push.values import NUMBER_TYPES, exact_text
from integration_hub.push.wanted import Kind
from integration_hub.warehouse import fetch

NUMBERS = frozenset({Kind.MONEY, Kind.NUMBER})


@dataclass(frozen=True, slots=True)
class Extent:
    """The largest demands of one field's values. `decimals` counts no more than the measure has: what is finer is
    rounded anyway. `texts` are the different values of a picklist.
    """

    whole_digits: int = 0
    decimals: int = 0
    length: int = 0
    has_empty: bool = False
    texts: frozenset[str] = frozenset()


def measure(by: Comparison, rules: Sequence[PushField]) -> dict[str, Extent]:
    """The extent of each field over the accounts that are both wanted and live."""
    if not rules:
        return {}
    parts = [_aggregates(by, rule) for rule in rules]
    row = fetch(sql.SQL("select {} {}").format(sql.SQL(", ").join(parts), by.source))[0]
    return {rule.field: _extent(by, rule, *row[place * 3 : place * 3 + 3]) for place, rule in enumerate(rules)}


def _aggregates(by: Comparison, rule: PushField) -> sql.Composable:
    after, wanted = by.after(rule), by.wanted(rule)
    empty = sql.SQL("bool_or({} is null)").format(wanted)
    if by.needs[rule.field].kind in NUMBERS:
        return sql.SQL("greatest(max({after}), -min({after})), max(min_scale({wanted})), {empty}").format(
            after=after, wanted=wanted, empty=empty
        )
    return sql.SQL("null, max(length(({})::text)), {}").format(after, empty)


def _extent(by: Comparison, rule: PushField, largest: Decimal | None, most: int | None, empty: bool | None) -> Extent:
    """From the aggregates: the largest number, and the most decimals or characters."""
    info, need = by.described[rule.field], by.needs[rule.field]
    if need.kind in NUMBERS:
        written = Decimal(exact_text(largest or 0, info) or 0)
        digits = written.adjusted() + 1 if written >= 1 else 0
        return Extent(whole_digits=digits, decimals=min(most or 0, need.decimals), has_empty=bool(empty))
    texts: frozenset[str] = frozenset()
    if info.picklist and info.type not in NUMBER_TYPES:
        found = fetch(sql.SQL("select distinct ({})::text {}").format(by.after(rule), by.source))
        texts = frozenset(str(text) for (text,) in found if text)
    return Extent(length=most or 0, has_empty=bool(empty), texts=texts)
