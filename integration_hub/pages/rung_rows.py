"""The documents that a sync was rung for: how each is read, and what stands here of it."""

from dataclasses import dataclass
from datetime import datetime

from integration_hub.models import Run
from integration_hub.sources import SALESFORCE, SourceProblem, open_source
from integration_hub.streams import target

MOST = 200
"""Documents that are listed; what goes beyond is counted."""
BY_KEY, WITH_STREAM = "By its key", "With the changed rows of its stream"


@dataclass(frozen=True)
class RungLine:
    """One document. `here` says whether this run wrote it, in words; `at` is when what stands here was written."""

    stream: str
    key: str
    how: str
    here: str
    at: datetime | None


@dataclass(frozen=True)
class Rungs:
    """What a run was rung for: how often, for how many documents, and the first of them."""

    rings: int
    documents: int
    lines: list[RungLine]

    @property
    def left_out(self) -> int:
        """Documents that are not listed."""
        return self.documents - len(self.lines)


def rungs_of(run: Run) -> Rungs | None:
    """What a run was rung for, also where it took over from another; None where nobody rang. One query per stream."""
    rings = run.rings.values_list("documents", flat=True)
    by_key = {(name, key) for name, keys in run.options.get("documents", {}).items() for key in keys}
    asked = sorted(by_key | {(name, key) for documents in rings for name, key in documents})
    if not asked:
        return None
    shown = asked[:MOST]
    stand = _standing(run, shown)
    ended = run.finished_at is not None
    lines = [
        RungLine(
            name,
            key,
            BY_KEY if (name, key) in by_key else WITH_STREAM,
            _words(run, stand.get((name, key))) if ended else "Not read yet",
            stand[name, key][1] if ended and (name, key) in stand else None,
        )
        for name, key in shown
    ]
    return Rungs(len(rings), len(asked), lines)


_Stand = tuple[int | None, datetime, datetime | None]


def _words(run: Run, stand: _Stand | None) -> str:
    if stand is None:
        return "Not here"
    wrote, _, deleted_at = stand
    if deleted_at is not None:
        return "Gone"
    return "Written by this run" if wrote == run.pk else "As it was"


def _standing(run: Run, asked: list[tuple[str, str]]) -> dict[tuple[str, str], _Stand]:
    """The run that wrote it last, when, and since when it is gone, of each document that the mirror has."""
    try:
        tables = {stream.name: stream.target for stream in open_source(run.subject).streams}
    except SourceProblem:
        # hub.toml no longer has this source.
        return {}
    prefix = "" if run.subject == SALESFORCE else f"{run.subject}:"
    found: dict[tuple[str, str], _Stand] = {}
    for name in sorted({name for name, _ in asked} & tables.keys()):
        keys = [prefix + key for each, key in asked if each == name]
        rows = target(tables[name]).model.objects.filter(pk__in=keys)
        for pk, wrote, at, deleted_at in rows.values_list("pk", "run", "synced_at", "deleted_at"):
            found[name, pk.removeprefix(prefix)] = (wrote, at, deleted_at)
    return found
