"""Rates of Tryton: units of a currency per one of a reference currency, turned into company currency per unit."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from integration_hub.erp.adapter import Batch, Question
from integration_hub.erp.tryton.fields import stamp_of
from integration_hub.erp.tryton.plan import Plan
from integration_hub.erp.tryton.wire import CHILD_ROWS, Record, Wire, text_of

RATE = "currency.currency.rate"
RATE_FIELDS = ("date", "rate", "create_date", "write_date")
DECIMALS = Decimal("0.0000000001")
BATCH = 1000


@dataclass
class Rates:
    """The rates of the currencies that were asked for, each currency read once. Ids are those of currencies."""

    wire: Wire
    known: dict[str, list["Rate"]] = field(default_factory=dict)

    def exchange(self, currency: str, base: str, on: str | None) -> str | None:
        """Units of `base` per one of `currency` on a day; None without a day or a rate."""
        if currency == base:
            return "1"
        rate, own = self.at(currency, on), self.at(base, on)
        return worth(rate, own) if rate and own else None

    def at(self, currency: str, on: str | None) -> "Rate | None":
        """Tryton's rate of a currency on a day: the last one before or on it."""
        if not on or not currency:
            return None
        if currency not in self.known:
            rows = self.wire.all(RATE, [["currency", "=", int(currency)]], RATE_FIELDS)
            self.known[currency] = series(rows)
        return last(self.known[currency], on)


@dataclass(frozen=True, order=True)
class Rate:
    """Units of a currency per one of the reference currency, from a day on."""

    on: str
    value: Decimal
    stamp: str


def worth(rate: Rate, base: Rate) -> str:
    """Units of the base currency per one of the currency."""
    return format((base.value / rate.value).quantize(DECIMALS), "f")


def series(rows: Sequence[Record]) -> list[Rate]:
    """Rates in order of days; Tryton refuses rates that are not positive."""
    return sorted(Rate(text_of(row["date"]) or "", Decimal(text_of(row["rate"]) or "1"), stamp_of(row)) for row in rows)


def last(known: Sequence[Rate], on: str) -> Rate | None:
    """The last rate before or on a day."""
    place = bisect_right(known, on, key=lambda each: each.on)
    return known[place - 1] if place else None


@dataclass
class CurrencyRates(Plan):
    """One row per currency, company currency and day on which either of them changed.

    The rates of the companies' own currencies count in every row, so that all are read whenever one was changed.
    """

    computed: ClassVar[tuple[str, ...]] = ("key", "source_modified_at", "currency", "base", "valid_from", "rate")
    needs: ClassVar[tuple[str, ...]] = ("currency.code", "date", "rate")
    company: ClassVar[str] = ""

    def pull(self, question: Question) -> Iterator[Batch]:
        if question.since is not None and not self._changed(question):
            return
        wanted = None if question.keys is None else set(question.keys)
        rows = [row for row in self._rows() if wanted is None or row[0] in wanted]
        for start in range(0, len(rows), BATCH):
            yield Batch(rows[start : start + BATCH])

    def keys(self) -> Iterator[Sequence[str]]:
        yield [str(row[0]) for row in self._rows()]

    def _changed(self, question: Question) -> bool:
        return bool(self.wire.ask(RATE, self.conditions(RATE, question.since), ("id",), 1))

    def _rows(self) -> list[list[str | None]]:
        companies = self.wire.all("company.company", [], ("currency.code",))
        bases = sorted({company["currency"]["code"] for company in companies})
        of: dict[str, list[Record]] = {}
        for page in self.wire.pages(RATE, self.conditions(RATE), self.table.asked(RATE), rows=CHILD_ROWS):
            for row in self.table.look(RATE, page):
                of.setdefault(row["currency"]["code"], []).append(row)
        every = {code: series(rows) for code, rows in of.items()}
        return [row for base in bases for code in sorted(every) if code != base for row in _against(code, base, every)]


def _against(code: str, base: str, every: Mapping[str, Sequence[Rate]]) -> Iterator[list[str | None]]:
    """The rates of a currency in a company's currency, on each day on which either was set."""
    known, own = every[code], every.get(base, ())
    for day in sorted({rate.on for rate in (*known, *own)}):
        rate, of_base = last(known, day), last(own, day)
        if rate and of_base:
            stamp = max(rate.stamp, of_base.stamp)
            yield [f"{code}-{base}-{day}", stamp, code, base, day, worth(rate, of_base)]
