"""Geometry of the small server-drawn graphics: plain numbers in, SVG coordinates out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from customers import formats

MONTH_WIDTH, BAR_WIDTH, HEIGHT = 100, 52, 200
MOST_STEPS = 6
GAP = Decimal(2)
Number = Decimal | int


@dataclass(frozen=True)
class Tick:
    """A line of the value axis; `y` counts from the top."""

    label: str
    y: str


@dataclass(frozen=True)
class MonthBar:
    """One month: the bar of this year (empty where the month is still to come) and the point of last year."""

    month: date
    current: Decimal | None
    previous: Decimal
    running: bool
    hit_x: str
    x: str
    y: str
    height: str
    point_x: str
    point_y: str


@dataclass(frozen=True)
class MonthChart:
    """Twelve months of this year as bars against last year as a line, in a box of 1200 by 200 units."""

    bars: tuple[MonthBar, ...]
    ticks: tuple[Tick, ...]
    line: str
    width: int = MONTH_WIDTH * 12
    height: int = HEIGHT


@dataclass(frozen=True)
class Segment:
    """A piece of a share bar: its class, where it starts and how long it is, in the bar's units."""

    css: str
    x: str
    width: str
    title: str = ""


@dataclass(frozen=True)
class ShareChart:
    """Shares as lines over equally wide columns, in a box `width` by `height` units; the axis ends at 100%."""

    lines: tuple[str, ...]
    ticks: tuple[Tick, ...]
    width: int
    height: int = HEIGHT


def month_chart(
    months: Sequence[date], current: Sequence[Decimal], previous: Sequence[Decimal], *, as_of: date, currency: str
) -> MonthChart:
    """The chart for twelve months; months after that of `as_of` have no bar, the running one is marked."""
    shown = [value for month, value in zip(months, current, strict=True) if month <= as_of]
    bottom, top, step = _scale((*shown, *previous))

    def height_of(value: Decimal) -> Decimal:
        return (top - value) / (top - bottom) * HEIGHT

    bars = []
    for index, (month, value, before) in enumerate(zip(months, current, previous, strict=True)):
        left, zero = Decimal(index * MONTH_WIDTH), height_of(Decimal(0))
        edge = height_of(value)
        bars.append(
            MonthBar(
                month=month,
                current=value if month <= as_of else None,
                previous=before,
                running=(month.year, month.month) == (as_of.year, as_of.month),
                hit_x=_text(left),
                x=_text(left + (MONTH_WIDTH - BAR_WIDTH) // 2),
                y=_text(min(edge, zero)),
                height=_text(abs(zero - edge)),
                point_x=_text(left + MONTH_WIDTH // 2),
                point_y=_text(height_of(before)),
            )
        )
    line = "M" + " L".join(f"{bar.point_x} {bar.point_y}" for bar in bars)
    return MonthChart(tuple(bars), _ticks(bottom, top, step, currency), line)


def share_chart(*series: Sequence[Decimal]) -> ShareChart:
    """Lines of shares (0 to 1), one point in the middle of each column; the axis starts at a round share below all."""
    low = min((min(shares) for shares in series if shares), default=Decimal(0))
    steps = (Decimal(step) for step in ("0.01", "0.02", "0.05", "0.1", "0.2"))
    bottom, step = next((low // step * step, step) for step in steps if (1 - low // step * step) / step <= MOST_STEPS)
    bottom = min(bottom, 1 - step)

    def point(place: int, share: Decimal) -> str:
        return f"{place * MONTH_WIDTH + MONTH_WIDTH // 2} {_text((1 - share) / (1 - bottom) * HEIGHT)}"

    values = [1 - step * index for index in range(int((1 - bottom) / step) + 1)]
    return ShareChart(
        lines=tuple(
            "M" + " L".join(point(place, share) for place, share in enumerate(shares)) for shares in series if shares
        ),
        ticks=tuple(Tick(formats.percent(value, places=0), point(0, value).split()[1]) for value in values),
        width=MONTH_WIDTH * max(map(len, series), default=0),
    )


def share_bar(parts: Sequence[tuple[str, Number, str]], *, length: int) -> tuple[Segment, ...]:
    """Parts (class, amount, title) side by side with small gaps, filling `length` units; empty ones are left out."""
    filled = [(css, Decimal(amount), title) for css, amount, title in parts if amount > 0]
    if not filled:
        return ()
    total = sum(amount for _, amount, _ in filled)
    free = length - GAP * (len(filled) - 1)
    segments, x = [], Decimal(0)
    for css, amount, title in filled:
        width = amount / total * free
        segments.append(Segment(css, _text(x), _text(width), title))
        x += width + GAP
    return tuple(segments)


def compared_bar(value: Number | None, before: Number | None, *, length: int = 200) -> tuple[Segment, ...]:
    """A value as a bar on a track, and a thin mark where the value it is compared with would end."""
    value, before = max(Decimal(value or 0), Decimal(0)), max(Decimal(before or 0), Decimal(0))
    longest = max(value, before)
    track = Segment("td", "0", str(length))
    if not longest:
        return (track,)
    segments = [track, Segment("dn", "0", _text(value / longest * length))]
    if before:
        segments.append(Segment("was", _text(max(before / longest * length - 3, Decimal(0))), "3"))
    return tuple(segments)


def part_bar(part: Number, whole: Number, *, length: int = 200) -> tuple[Segment, ...]:
    """A part of a whole on a track; more than the whole fills it."""
    track = Segment("td", "0", str(length))
    if whole <= 0 or part <= 0:
        return (track,)
    return (track, Segment("dn", "0", _text(min(Decimal(part) / Decimal(whole), Decimal(1)) * length)))


def _scale(values: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """Bottom, top and step of an axis that holds zero and all values with at most six round steps."""
    low, high = min((*values, Decimal(0))), max((*values, Decimal(0)))
    span = high - low or Decimal(100)
    magnitude = max(Decimal(10) ** (span.adjusted() - 1), Decimal(1))
    steps = (magnitude * factor for factor in (1, 2, 5, 10, 20, 50, 100))
    for step in steps:
        bottom, top = (low // step) * step, -((-high) // step) * step
        # // truncates towards zero for Decimal, so a remainder needs one step more on either side.
        bottom = bottom - step if bottom > low else bottom
        top = top + step if top < high else top
        top = top or step
        if (top - bottom) / step <= MOST_STEPS:
            return bottom, top, step
    raise AssertionError("an axis of six steps exists for every span")


def _ticks(bottom: Decimal, top: Decimal, step: Decimal, currency: str) -> tuple[Tick, ...]:
    count = int((top - bottom) / step)
    values = [top - step * index for index in range(count + 1)]
    return tuple(
        Tick(formats.money_compact(value, currency), _text((top - value) / (top - bottom) * HEIGHT)) for value in values
    )


def _text(value: Decimal) -> str:
    return f"{value:.1f}".removesuffix(".0")
