"""Compares what a delivery says of itself, in its last line or in a file beside it, with what it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from integration_hub.config import StreamConfig
from integration_hub.config.control_line import control_line
from integration_hub.erp.files.packed import BadFileError

TRAILER, CONTROL = "The last line", "The control file"


def amount(text: str, *, comma: bool) -> Decimal | None:
    """The exact number as the warehouse reads it: groups left out, a sign behind counts. None where it is none."""
    bare = text.strip()
    bare = f"-{bare[:-1]}" if bare.endswith("-") else bare
    bare = bare.replace(".", "").replace(",", ".") if comma else bare.replace(",", "")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def sum_columns(stream: StreamConfig) -> tuple[str, ...]:
    """The columns that the stream's totals sum."""
    texts = [each for each in (stream.trailer, stream.control_totals) if each]
    return tuple(sorted({figure for text in texts for figure in control_line(text).figures} - {"rows"}))


@dataclass
class Totals:
    """Counts rows and sums columns while a file is read; `columns` are those of the file, in order."""

    stream: StreamConfig
    columns: Sequence[str]
    rows: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the columns to sum. Raises BadFileError for one that the file does not have."""
        wanted = sum_columns(self.stream)
        self._comma = {
            name: any(each.decimal_comma for each in self.stream.columns.values() if name in each.source)
            for name in wanted
        }
        for name in wanted:
            if name not in self.columns:
                raise BadFileError(f'The totals sum the column "{name}", which the file does not have.')
        self._places = [(self.columns.index(name), name) for name in wanted]
        self.sums = dict.fromkeys(wanted, Decimal(0))

    def add(self, row: Sequence[str | None]) -> None:
        """Take in one row; an empty value counts as nothing, one that is no number is counted."""
        self.rows += 1
        for place, name in self._places:
            text = row[place] or ""
            value = amount(text, comma=self._comma[name])
            if value is not None:
                self.sums[name] += value
            elif text.strip():
                self.bad[name] = self.bad.get(name, 0) + 1

    def compare(self, who: str, text: str, said: str) -> None:
        """Raise BadFileError where `said` is not written like `text`, or tells of other totals than were read."""
        line = control_line(text)
        # Only a trailer is the whole line; a control file may say more than the totals.
        found = line.pattern.fullmatch(said.strip()) if who == TRAILER else line.pattern.search(said)
        if found is None:
            # What stands there instead may be a customer's row, which belongs into no log.
            cut = ": the file may have been cut off while it was sent." if who == TRAILER else "."
            raise BadFileError(f'{who} does not read like "{text}"{cut}')
        told: Mapping[str, str] = dict(zip(line.figures, found.groups(), strict=True))
        for name, figure in told.items():
            if name == "rows":
                self._rows_agree(who, int(figure))
            else:
                self._sums_agree(who, name, figure)

    def _rows_agree(self, who: str, said: int) -> None:
        if said != self.rows:
            raise BadFileError(f"{who} counts {said:,} rows, but the file holds {self.rows:,}.")

    def _sums_agree(self, who: str, name: str, figure: str) -> None:
        if amount(figure, comma=self._comma[name]) != self.sums[name]:
            bad = f" ({self.bad[name]:,} values are no numbers)" if name in self.bad else ""
            raise BadFileError(f'{who} sums "{name}" to {figure}, but the rows add up to {self.sums[name]}{bad}.')
