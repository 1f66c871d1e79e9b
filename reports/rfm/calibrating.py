"""What a form on scales asks for, and what it would change: built for the page that previews and confirms it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator

from customers.models import RfmCalibration
from customers.rfm_calibration import Change, Move, change, movers
from customers.rfm_in_force import scales_in_force
from customers.rfm_quantiles import MIDDLE, TIES, equal_shares, same_for_all
from customers.rfm_scales import AMOUNTS, CLASSES, LABELS, ORDERS, Scales, emptied, read_scales, written
from customers.rfm_segments import SEGMENTS, segment_label
from reports.rfm.scale_table import ScaleRows, counted, new_words, scale_rows

ROWS = 50
SETTINGS = ("orders", "amount", "new_days")


@dataclass(frozen=True)
class Asked:
    """Scales that somebody wants to see or to put in force, and how their numbers came about."""

    scales: Scales
    method: str
    ties: str


@dataclass(frozen=True)
class Input:
    """One number of the form."""

    name: str
    label: str
    text: str
    score: int


@dataclass(frozen=True)
class InputRow:
    """The four numbers of one scale."""

    label: str
    unit: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Choice:
    """One option of a select."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class MoveRow:
    """Customers who go from one segment to another; `url` lists them below."""

    move: Move
    before: str
    after: str
    url: str


@dataclass(frozen=True)
class SizeRow:
    """One segment before and after."""

    label: str
    before: int
    after: int
    revenue_before: Decimal
    revenue_after: Decimal


@dataclass(frozen=True)
class Mover:
    """One customer who would move."""

    customer: int
    name: str
    before: str
    after: str
    revenue: Decimal
    overdue: Decimal


@dataclass(frozen=True)
class Preview:
    """Everything the page shows of other scales."""

    scales: tuple[ScaleRows, ...]
    new: str
    sentences: tuple[str, ...]
    everybody: Move
    moving: Move
    rows: tuple[MoveRow, ...]
    sizes: tuple[SizeRow, ...]
    movers: tuple[Mover, ...]
    page: Page[Any]
    query: str
    narrowed: str
    unchanged: bool


def read_asked(given: Mapping[str, str], day: date) -> Asked:
    """What a form asks for; with `share` the numbers are computed from a day's figures, whatever stands in the form.
    Raises BadScales and NothingToShareOut.
    """
    if given.get("share"):
        settings = read_scales({name: given[name] for name in SETTINGS if name in given}, scales_in_force())
        ties = given.get("ties", "")
        ties = ties if ties in TIES else MIDDLE
        return Asked(equal_shares(day, settings, ties), RfmCalibration.Method.QUANTILE, ties)
    scales = read_scales(given, scales_in_force())
    kept = given.get("shared", "")
    if kept in TIES and equal_shares(day, scales, kept) == scales:
        return Asked(scales, RfmCalibration.Method.QUANTILE, kept)
    return Asked(scales, RfmCalibration.Method.ABSOLUTE, "")


def form_of(scales: Scales, given: Mapping[str, str]) -> dict[str, Any]:
    """The controls of the form; what was entered stands there even where it could not be used."""
    texts = written(scales)
    if not given.get("share"):
        texts |= {name: given[name] for name in texts if name in given}
    counts = counted(scales)
    rows = tuple(
        InputRow(
            label,
            "days at most" if name == "recency" else "orders at least" if name == "frequency" else "at least",
            tuple(
                Input(f"{name[0]}{score}", f"{label}, score {score}", texts[f"{name[0]}{score}"], score)
                for score in CLASSES[::-1]
            ),
        )
        for name, label in LABELS.items()
    )
    return {
        "rows": rows,
        "counts": counts,
        "new_days": texts["new_days"],
        "orders": _choices(ORDERS, texts["orders"]),
        "amounts": _choices(AMOUNTS, texts["amount"]),
        "ties": _choices(TIES, given.get("ties") or given.get("shared") or MIDDLE),
    }


def _choices(options: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == chosen) for value, label in options.items())


def build_preview(asked: Asked, day: date, currency: str, given: Mapping[str, str]) -> Preview:
    """Who would move at a day and how much money, for all customers; `before` and `after` narrow the list of them."""
    found = change(day, asked.scales)
    query = urlencode(written(asked.scales) | ({"shared": asked.ties} if asked.ties else {}))
    before, after = given.get("before", ""), given.get("after", "")
    chosen = movers(day, asked.scales)
    if before in SEGMENTS and after in SEGMENTS:
        chosen = chosen.filter(rfm_segment=before, other_segment=after)
    page = Paginator(chosen, ROWS).get_page(given.get("page"))
    narrowed = f"{segment_label(before)} to {segment_label(after)}" if before in SEGMENTS and after in SEGMENTS else ""
    return Preview(
        scales=scale_rows(scales_in_force(), currency, asked.scales),
        new=new_words(asked.scales),
        sentences=(*emptied(asked.scales), *same_for_all(day, asked.scales), *_one_segment(found)),
        everybody=found.together(found.moves),
        moving=found.together(found.movers),
        rows=tuple(_move_row(move, query) for move in found.movers),
        sizes=_sizes(found),
        movers=tuple(_mover(row) for row in page.object_list),
        page=page,
        query=query + (f"&{urlencode({'before': before, 'after': after})}" if narrowed else ""),
        narrowed=narrowed,
        unchanged=asked.scales == scales_in_force(),
    )


def _one_segment(found: Change) -> tuple[str, ...]:
    after = {move.after for move in found.moves if move.after != "no_orders" and move.customers}
    if len(after) != 1:
        return ()
    (only,) = after
    return (
        f"All customers with an order would be in one segment, {segment_label(only)}: these scales tell nobody apart.",
    )


def _move_row(move: Move, query: str) -> MoveRow:
    url = f"?{query}&{urlencode({'before': move.before, 'after': move.after})}#movers"
    return MoveRow(move, segment_label(move.before), segment_label(move.after), url)


def _sizes(found: Change) -> tuple[SizeRow, ...]:
    def of(name: str, side: str) -> Move:
        return found.together([move for move in found.moves if getattr(move, side) == name])

    rows = []
    for name in SEGMENTS:
        before, after = of(name, "before"), of(name, "after")
        rows.append(SizeRow(segment_label(name), before.customers, after.customers, before.revenue, after.revenue))
    return tuple(rows)


def _mover(row: Any) -> Mover:
    return Mover(
        customer=row.customer_id,
        name=row.customer.name or "Without a name",
        before=f"{segment_label(row.rfm_segment)} {_digits(row, 'rfm')}".strip(),
        after=f"{segment_label(row.other_segment)} {_digits(row, 'other')}".strip(),
        revenue=row.revenue_12m,
        overdue=row.overdue_amount,
    )


def _digits(row: Any, prefix: str) -> str:
    scores = [getattr(row, f"{prefix}_{name}") for name in "rfm"]
    return "" if scores[0] is None else "".join(map(str, scores))
