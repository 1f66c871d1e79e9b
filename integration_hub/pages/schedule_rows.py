"""What the schedule's pages show, as dataclasses: items with their states in words, pauses, rings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from integration_hub.models import Ring, Run, RunKind, SchedulePause
from integration_hub.pages import run_rows
from integration_hub.timing.items import ALL, Item, items, words_of
from integration_hub.timing.known import Known
from integration_hub.timing.pauses import exports_held, standing
from integration_hub.timing.rhythm import from_now
from integration_hub.timing.states import Standing, State, standing_of

LATEST = 10


@dataclass(frozen=True)
class Line:
    """One item. `pill` marks its state; `next_words` says when it comes next, as "in 12 minutes"."""

    standing: Standing
    pill: str
    next_words: str

    @property
    def item(self) -> Item:
        """What it is about."""
        return self.standing.item


@dataclass(frozen=True)
class PauseLine:
    """A pause, with what is paused in words."""

    pause: SchedulePause
    words: str


def line(found: Standing, now: datetime) -> Line:
    """One item at an instant."""
    mark = found.state.mark
    return Line(found, f"pill-{mark}" if mark else "", _next_words(found, now))


def _next_words(found: Standing, now: datetime) -> str:
    if found.state is State.PAUSED:
        return "after the pause"
    if found.next_at is None:
        return "–"
    return from_now(found.next_at, now)


def lines(found: Sequence[Standing], now: datetime) -> list[Line]:
    """The items of the list: all but streams of which nothing is to be said beside what is said of their source."""
    by_source = {each.item.name: each.state for each in found}
    return [line(each, now) for each in found if not each.item.stream or _stands_out(each, by_source)]


def _stands_out(found: Standing, by_name: dict[str, State]) -> bool:
    of_source = by_name.get(f"{RunKind.SYNC} {found.item.subject}")
    quiet = {State.ON_TIME, State.ON_DEMAND, of_source}
    return found.item.rhythm is not None or found.state not in quiet


def stream_lines(item: Item, known: Known) -> list[Line]:
    """The streams of a source, on the page of its sync."""
    if item.kind != RunKind.SYNC or item.stream:
        return []
    streams = [each for each in items() if each.stream and each.subject == item.subject]
    return [line(standing_of(each, known), known.now) for each in streams]


def pause_lines(now: datetime) -> list[PauseLine]:
    """Every pause that stands, the widest first."""
    found = standing(now)
    return [PauseLine(pause, words_of(name)) for name, pause in sorted(found.items(), key=lambda each: each[0] != ALL)]


def exports_pause(now: datetime) -> list[PauseLine]:
    """What holds scheduled exports, where something does."""
    found = exports_held(now)
    return [PauseLine(found, words_of(found.name))] if found else []


def names_to_pause(item: Item) -> list[tuple[str, str]]:
    """Under which names an item can be paused from its page, each with its words; the narrowest first."""
    wider = [item.subject] if item.subject and not item.stream else []
    return [(name, words_of(name)) for name in (item.name, *wider)]


def ring_lines(item: Item) -> list[Ring]:
    """The last rings of an ERP, on the page of its sync."""
    if item.kind != RunKind.SYNC or item.stream:
        return []
    return list(Ring.objects.filter(source=item.subject).order_by("-received_at")[:LATEST])


def pause_history(item: Item) -> QuerySet[SchedulePause]:
    """The last pauses that were about it."""
    return SchedulePause.objects.filter(name__in=item.held_by)[:LATEST]


def last_runs(item: Item) -> list[run_rows.RunLine]:
    """The last runs of it; of a stream those of its source, as they may have read it."""
    return run_rows.run_lines(Run.objects.filter(kind=item.kind, subject=item.subject)[:LATEST])
