"""What a source describes of an object beside what it described last time: fields that vanished, came or changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from integration_hub.config import StreamConfig
from integration_hub.models import Notice, StreamState
from integration_hub.notices import raise_notice
from integration_hub.sources import SALESFORCE, DescribedSource, Source, SourceProblem
from integration_hub.streams import target

MISSING, NEW, RETYPED = "missing_field:", "new_field:", "retyped_field:"
CODES = (MISSING, NEW, RETYPED)
MOST_NOTICES = 5
FURTHER = "custom_fields"


@dataclass(frozen=True)
class Shape:
    """`fields` are all that can be read now, name -> type; none where the source describes nothing.

    Of the stream's own fields, all of which are `used`, `missing` were delivered before and cannot be read now,
    `returned` could not be read last time, and `retyped` have another type than then, with both. `appeared` are new
    fields that the stream does not use.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    returned: tuple[str, ...] = ()
    retyped: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    appeared: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()

    @property
    def needs_all(self) -> bool:
        """Whether values may have changed that no change mark tells of."""
        return bool(self.returned or self.retyped)


def shape_of(source: Source, stream: StreamConfig, state: StreamState) -> Shape:
    """Ask for the description and compare it. Raises SourceProblem where the source cannot be asked."""
    if not isinstance(source, DescribedSource):
        return Shape()
    now, before = source.shape(stream), dict(state.shape)
    if not now:
        return Shape()
    wanted = {name for column in stream.columns.values() for name in column.source}
    known = set(state.columns) | set(state.missing)
    tells_of_new = source.name != SALESFORCE or FURTHER in target(stream.target).fields
    return Shape(
        fields=now,
        missing=frozenset(name for name in wanted - now.keys() if name in known),
        returned=tuple(sorted(wanted & now.keys() - set(state.columns))) if state.columns else (),
        retyped={
            name: (before[name], now[name])
            for name in sorted(wanted & now.keys() & before.keys())
            if before[name] != now[name]
        },
        appeared=tuple(sorted(now.keys() - before.keys() - wanted)) if before and tells_of_new else (),
        used=frozenset(wanted),
    )


def refuse_drift(source: Source, stream: StreamConfig, shape: Shape, *, accepted: bool) -> None:
    """Raise SourceProblem where an ERP lost a field that is loaded, or gave it another type.

    Salesforce hides fields from users, so there the last values stay. `accepted`: a person asked to read all again.
    """
    if source.name == SALESFORCE or accepted:
        return
    if shape.missing:
        raise SourceProblem(
            f'The source no longer has "{min(shape.missing)}" of "{stream.name}".',
            "Its values in the mirror would grow old unnoticed, so nothing of this run was published.",
            "Perhaps the ERP was updated, or our user lost a right. If it is gone for good, take it out of the "
            "stream's columns in hub.toml.",
        )
    for name, (before, now) in shape.retyped.items():
        raise SourceProblem(
            f'"{name}" of "{stream.name}" was of type {before} and is of type {now} now.',
            "Its values may mean something else than before, so nothing of this run was published.",
            f"Look at it in the ERP. If all is well: manage.py sync --source {source.name} --full",
        )


def tell_shape(name: str, shape: Shape, *, missing: frozenset[str], whole: bool) -> None:
    """Raise what holds now and clear what no longer does; `whole`: the stream was read whole.

    A new field is told once, until it is used or gone again; a changed type until the next whole read.
    """
    label = name.partition(".")[2]
    for each in sorted(missing):
        raise_notice(
            name,
            f"{MISSING}{each}",
            f"{label}.{each} can no longer be read: it was removed, or is hidden from our user; Salesforce does not "
            "tell which. What was known of it is kept as it was, everything else is read as ever.",
            "Give the user read access again (permission set ERP_Rollup_Writer). If it is gone for good, remove it "
            "from hub.toml, or run manage.py sync --source salesforce --full, which empties it here.",
        )
    for names in _together(shape.appeared):
        raise_notice(
            name,
            f"{NEW}{names[0]}",
            f"{label} has new fields that are not mirrored: {', '.join(names)}.",
            f"If one is wanted, name it in {label.lower()}_fields in hub.toml."
            if name.startswith(f"{SALESFORCE}.")
            else "If one is wanted, map it in the stream's columns in hub.toml.",
        )
    for each, (before, now) in shape.retyped.items():
        raise_notice(
            name,
            f"{RETYPED}{each}",
            f"{label}.{each} was a field of type {before} and is one of type {now} now. All rows were read again.",
            "Look at the rejected rows of this stream: a row is listed there if its value no longer fits.",
        )
    _clear(name, shape, missing, whole=whole)


def _together(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A notice for each new field, but only one for the many that an installed package brings."""
    if len(names) > MOST_NOTICES:
        return [names]
    return [(each,) for each in names]


def _clear(name: str, shape: Shape, missing: frozenset[str], *, whole: bool) -> None:
    holds = {f"{MISSING}{each}" for each in missing} | {f"{RETYPED}{each}" for each in shape.retyped}
    for notice in Notice.objects.filter(subject=name, cleared_at=None):
        kind, _, each = notice.code.partition(":")
        told = f"{kind}:"
        if told not in CODES or notice.code in holds:
            continue
        over = each not in shape.fields or each in shape.used if told == NEW else told == MISSING or whole
        if over:
            notice.cleared_at = timezone.now()
            notice.save(update_fields=["cleared_at"])
