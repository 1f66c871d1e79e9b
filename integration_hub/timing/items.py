"""Everything that is scheduled, by name: each source and its streams, their upkeep, and the work of the whole hub."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from integration_hub.config import (
    SALESFORCE_OBJECTS,
    Hub,
    SourceConfig,
    formulas_rhythm,
    hub,
    reading_rhythm,
    sweep_rhythm,
)
from integration_hub.models import Run, RunKind
from integration_hub.sources import SALESFORCE, source_names
from integration_hub.timing.rhythm import Rhythm, parse

ALL = "all"
"""The name under which everything is paused at once."""
EXPORTS = "exports"
"""The name under which exports are paused that are made again and again, and are no runs."""
WITHOUT_KEYS = frozenset({"sql", "files"})
"""Kinds of sources whose whole reads show what has left."""


@dataclass(frozen=True)
class Item:
    """Something that runs again and again. `name` is "sync erp", "sync erp.orders" for one stream of it, "rollup".

    `rhythm` is None for what starts when it is needed; `starts` says when that is. `label` is for people.
    """

    name: str
    kind: RunKind
    subject: str
    label: str
    rhythm: Rhythm | None
    stream: str = ""
    starts: str = ""

    @property
    def words(self) -> str:
        """When it runs."""
        own = self.rhythm.words if self.rhythm else ""
        return ", and ".join(part for part in (own, self.starts) if part)

    @property
    def held_by(self) -> tuple[str, ...]:
        """The names under which it may be paused, the widest first."""
        return hold_names(self.kind, self.subject, self.name)


def hold_names(kind: str, subject: str, *names: str) -> tuple[str, ...]:
    """The names under which a run of this kind and subject may be paused, and further ones."""
    return tuple(dict.fromkeys(filter(None, (ALL, subject, run_item(kind, subject), *names))))


def run_item(kind: str, subject: str) -> str:
    """Name of the item that a run belongs to."""
    return f"{kind} {subject}".strip()


def of_run(run: Run) -> tuple[str, ...]:
    """The names under which a run may be paused."""
    return hold_names(run.kind, run.subject)


def zone() -> ZoneInfo:
    """The company's time zone."""
    return ZoneInfo(hub().company.time_zone)


def items(configuration: Hub | None = None) -> tuple[Item, ...]:
    """Everything that is scheduled, sources first, each stream behind its source."""
    known = configuration or hub()
    return (*_of_sources(known), *_of_salesforce(known), *_of_hub(known))


def item_names(configuration: Hub | None = None) -> tuple[str, ...]:
    """Every name that can be paused: everything, sources, items, scheduled exports."""
    known = configuration or hub()
    return (ALL, *source_names(known), *(item.name for item in items(known)), EXPORTS)


def find(name: str, among: Iterable[Item] | None = None) -> Item | None:
    """The item of that name; a source's name stands for reading it."""
    wanted = name if " " in name else f"{RunKind.SYNC} {name}"
    return next((item for item in (items() if among is None else among) if item.name in {name, wanted}), None)


def _of_sources(known: Hub) -> list[Item]:
    found = []
    for source in known.sources:
        found.append(
            Item(f"sync {source.name}", RunKind.SYNC, source.name, f"Sync {source.label}", reading_rhythm(source))
        )
        found += _of_streams(source)
        if source.kind not in WITHOUT_KEYS:
            label = f"Compare ids of {source.label}"
            found.append(Item(f"sweep {source.name}", RunKind.SWEEP, source.name, label, sweep_rhythm(source)))
        found.append(_reconcile(known, source.name, source.label))
    return found


def _of_streams(source: SourceConfig) -> list[Item]:
    known = (stream for stream in source.streams if not stream.within)
    return [_stream(source.name, source.label, stream.name, stream.every) for stream in known]


def _stream(source: str, label: str, name: str, every: str) -> Item:
    """A stream; without times of its own it is read with its source."""
    rhythm, starts = (parse(every), "") if every else (None, "whenever its source is read")
    return Item(f"sync {source}.{name}", RunKind.SYNC, source, f"{label}: {name}", rhythm, name, starts)


def _reconcile(known: Hub, name: str, label: str) -> Item:
    rhythm = parse(known.schedule.reconcile) if known.schedule.reconcile else None
    starts = "" if rhythm else "only when somebody starts it"
    return Item(f"reconcile {name}", RunKind.RECONCILE, name, f"Reconcile {label}", rhythm, starts=starts)


def _of_salesforce(known: Hub) -> list[Item]:
    org = known.salesforce
    if org is None:
        return []
    push, check = known.schedule.push, known.schedule.check
    pushes = (
        Item(
            "push salesforce",
            RunKind.PUSH,
            SALESFORCE,
            "Push",
            parse(push) if push else None,
            starts="whenever figures have changed",
        ),
        Item("drift salesforce", RunKind.DRIFT, SALESFORCE, "Look for values edited by hand", drift_rhythm(known)),
    )
    return [
        Item("sync salesforce", RunKind.SYNC, SALESFORCE, "Sync Salesforce", reading_rhythm(org)),
        *(_stream(SALESFORCE, "Salesforce", name, org.times.get(name, "")) for name in SALESFORCE_OBJECTS),
        Item("formulas salesforce", RunKind.FORMULAS, SALESFORCE, "Refresh formulas", formulas_rhythm(org)),
        Item("sweep salesforce", RunKind.SWEEP, SALESFORCE, "Compare ids of Salesforce", sweep_rhythm(org)),
        _reconcile(known, SALESFORCE, "Salesforce"),
        Item(
            "check salesforce",
            RunKind.CHECK,
            SALESFORCE,
            "Check of Salesforce",
            parse(check) if check else None,
            starts="after a run, once a day at most",
        ),
        *(pushes if known.push.fields else ()),
    ]


def drift_rhythm(known: Hub) -> Rhythm:
    """When values edited by hand are looked for."""
    return parse(known.schedule.drift or f"day at {known.push.drift_check_hour}:00")


def _of_hub(known: Hub) -> tuple[Item, ...]:
    return (
        Item("rollup", RunKind.ROLLUP, "", "Figures of the new day", parse(known.schedule.rollup)),
        Item("match", RunKind.MATCH, "", "Find accounts", None, starts="as soon as a customer waits for its account"),
        Item(
            "archive",
            RunKind.ARCHIVE,
            "",
            "Pack figures of past days",
            None,
            starts="while past days are due to be packed, once an hour at most",
        ),
    )


def words_of(name: str) -> str:
    """What a pause is about: everything, a source with all its work, or one item."""
    if name == ALL:
        return "Everything"
    if name == EXPORTS:
        return "Scheduled exports"
    if name == SALESFORCE:
        return "All work with Salesforce"
    label = next((source.label for source in hub().sources if source.name == name), "")
    if label:
        return f"All work with {label}"
    found = find(name)
    return found.label if found else name
