"""Row counts, sums and hashes per company, month and currency; what differs between two sides, and in which words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from integration_hub.sources import Totals

Group = tuple[str, str, str]
"""Company (the ERP's own id), month ("2026-02"), currency; each "" where rows have none or are not grouped by it."""


@dataclass(frozen=True)
class Figure:
    """One group. `sums` by money column; those of `unknown` columns are not all known, because a waiting row's amount
    cannot be read. `hash` is the sum of the rows' fingerprints, None where not every row has one.
    """

    rows: int = 0
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    hash: int | None = None
    unknown: frozenset[str] = frozenset()

    def less(self, other: "Figure") -> "Figure":
        """What is left without the rows of another figure."""
        hashes = self.hash is not None and other.hash is not None
        return Figure(
            self.rows - other.rows,
            {name: amount - other.sums.get(name, Decimal(0)) for name, amount in self.sums.items()},
            (self.hash or 0) - (other.hash or 0) if hashes else None,
            self.unknown | other.unknown,
        )


Figures = Mapping[Group, Figure]


@dataclass(frozen=True)
class Difference:
    """A group in which source and mirror differ; `by_hash` that rows differ although counts and sums agree."""

    group: Group
    source: Figure
    mirror: Figure
    by_hash: bool = False

    @property
    def columns(self) -> list[str]:
        """The money columns whose sums differ."""
        names = self.source.sums.keys() | self.mirror.sums.keys()
        return [name for name in sorted(names) if _differs(self.source, self.mirror, name)]


def differences(source: Figures, mirror: Figures) -> list[Difference]:
    """The groups that differ, in order."""
    found = []
    for group in sorted(source.keys() | mirror.keys()):
        here, there = mirror.get(group, Figure(hash=0)), source.get(group, Figure(hash=0))
        names = there.sums.keys() | here.sums.keys()
        if there.rows != here.rows or any(_differs(there, here, name) for name in names):
            found.append(Difference(group, there, here))
        elif there.hash is not None and here.hash is not None and there.hash != here.hash:
            found.append(Difference(group, there, here, by_hash=True))
    return found


def _differs(there: Figure, here: Figure, name: str) -> bool:
    if name in there.unknown | here.unknown:
        return False
    return there.sums.get(name, Decimal(0)) != here.sums.get(name, Decimal(0))


def from_totals(totals: Totals) -> Figures:
    """The source's own figures; one group per currency where it does not group."""
    if totals.groups:
        return {
            group: Figure(rows, {name: amount or Decimal(0) for name, amount in sums.items()}, totals.hashes.get(group))
            for group, (rows, sums) in totals.groups.items()
        }
    return {}


def total(figures: Figures) -> tuple[int, dict[str, dict[str, str]]]:
    """All rows, and the exact sums per money column and currency; "NaN" where one cannot be known."""
    sums: dict[str, dict[str, Decimal]] = {}
    for (_, _, currency), figure in figures.items():
        for name, amount in figure.sums.items():
            by_currency = sums.setdefault(name, {})
            before = by_currency.get(currency, Decimal(0))
            # A source that holds NaN cannot say a sum, and the rest of it is none; the row itself is in quarantine.
            known = before.is_finite() and amount.is_finite()
            by_currency[currency] = before + amount if known else Decimal("NaN")
    texts = {name: {code: plain_text(amount) for code, amount in found.items()} for name, found in sums.items()}
    return sum(figure.rows for figure in figures.values()), texts


def plain_text(amount: Decimal) -> str:
    """An amount without trailing zeros and without an exponent."""
    return f"{amount.normalize():f}" if amount.is_finite() else str(amount)


def without(figures: Figures, *others: Figures) -> Figures:
    """The figures less others, group by group; groups that only the others have stay, as negative ones."""
    found = dict(figures)
    for other in others:
        for group, figure in other.items():
            found[group] = found.get(group, Figure(hash=0, sums=dict.fromkeys(figure.sums, Decimal(0)))).less(figure)
    return found


def words(found: Sequence[Difference]) -> Iterator[str]:
    """Each difference as a sentence."""
    for each in found:
        company, month, currency = each.group
        named = [f"company {company}" if company else "", month, currency]
        where = ", ".join(part for part in named if part) or "all rows"
        parts = []
        if each.source.rows != each.mirror.rows:
            parts.append(f"{each.mirror.rows:,} rows here, {each.source.rows:,} at the source")
        parts += [
            f"{name} {plain_text(each.mirror.sums.get(name, Decimal(0)))} here,"
            f" {plain_text(each.source.sums.get(name, Decimal(0)))} at the source"
            for name in each.columns
        ]
        if each.by_hash:
            parts.append("counts and sums agree, but not every value")
        yield f"{where}: {'; '.join(parts)}."
