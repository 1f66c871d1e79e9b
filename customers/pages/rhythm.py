"""The order rhythm of a customer: its usual gap, how long the last order is ago, and the order days as a strip."""

from dataclasses import dataclass
from datetime import date

from customers import formats
from customers.hidden import rests_on
from customers.pages.scope import Scope
from customers.rhythm import FEWEST_DAYS, RULE, is_quiet, order_days, rhythm_start, usual_gap

HEIGHT = 24


@dataclass(frozen=True)
class Strip:
    """Order days as one SVG path in a box of `width` days; `silence` starts at the last order."""

    path: str
    width: int
    height: int
    silence_x: int
    silence_width: int
    start: date


@dataclass(frozen=True)
class Rhythm:
    """`gap`, `since` and `last_on` are None where there are too few orders, or none in 24 months, to say."""

    gap: int | None
    since: int | None
    last_on: date | None
    days: int
    quiet: bool
    sentence: str
    rule: str
    url: str
    strip: Strip | None


@rests_on("last_order_on")
def build_rhythm(scope: Scope) -> Rhythm:
    """The rhythm of a scope at its day, from the order days of 24 months."""
    as_of = scope.figures.as_of
    days = order_days(scope.keys, as_of) if scope.keys else ()
    gap, last_on = usual_gap(days), days[-1] if days else None
    since = (as_of - last_on).days if last_on else None
    return Rhythm(
        gap=gap,
        since=since,
        last_on=last_on,
        days=len(days),
        quiet=since is not None and is_quiet(since, gap),
        sentence=_sentence(gap, since, len(days)),
        rule=RULE,
        url=scope.figure_url("last_order_on"),
        strip=_strip(days, as_of) if days else None,
    )


def _sentence(gap: int | None, since: int | None, count: int) -> str:
    if since is None:
        return "No order in the last 24 months."
    ago = "today" if since == 0 else f"{formats.days(since)} ago"
    if gap is None:
        rest = formats.plural(count, "day with an order", "days with orders")
        return f"The last order came {ago}. Only {rest} in 24 months: a rhythm takes {FEWEST_DAYS}."
    return f"Orders every {formats.days(gap)} as a rule, the last one {ago}."


def _strip(days: tuple[date, ...], as_of: date) -> Strip:
    start = rhythm_start(as_of)
    width = (as_of - start).days + 1
    last = (days[-1] - start).days
    path = "".join(f"M{(day - start).days} 0V{HEIGHT}" for day in days)
    return Strip(path, width, HEIGHT, last, width - last, start)
