"""How far the mirror of each stream reaches: since which day, how many rows, when it was read whole, what is newest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from psycopg import sql

from integration_hub.config import Hub, hub
from integration_hub.gaps import is_gap
from integration_hub.models import SourceProof, StreamState
from integration_hub.prepared import prepared
from integration_hub.streams import full_name
from integration_hub.warehouse import fetch
from integration_hub.warehouse_delta import Delta

DAY = {
    "erp_order": "ordered_on",
    "erp_delivery": "shipped_on",
    "erp_invoice": "issued_on",
    "erp_payment": "paid_on",
    "erp_open_item": "due_on",
    "erp_allocation": "allocated_on",
}
"""The column with a document's day, by mirror table."""
SHOWN = {
    "erp_order": "Orders",
    "erp_delivery": "Deliveries",
    "erp_invoice": "Invoices",
    "erp_open_item": "Open items",
    "erp_payment": "Payments",
}
"""What is stated on a customer's page, by mirror table, in this order."""


@dataclass(frozen=True)
class Statement:
    """How complete one stream is. `as_of` is when its last read began, `full_as_of` its last whole read (UTC)."""

    label: str
    stream: str
    rows: int
    since: date | None
    as_of: datetime | None
    full_as_of: datetime | None
    changed_at: datetime | None
    problem: str
    missing: tuple[str, ...]

    @property
    def told(self) -> str:
        """The problem as everybody may read it: what a failed read said may name hosts, roles and folders."""
        return self.problem if not self.problem or is_gap(self.problem) else "The last read failed."


@dataclass(frozen=True)
class SourceStatement:
    """One source with its streams; `problem` says that it was never read."""

    name: str
    label: str
    streams: tuple[Statement, ...]


def statements(sources: Sequence[str] | None = None, *, every: bool = False) -> tuple[SourceStatement, ...]:
    """Of each ERP source (default: all) the streams of documents, `every` stream where asked. Reads the ledger only."""
    configuration = hub()
    names = [source.name for source in configuration.sources if sources is None or source.name in sources]
    states = {state.stream: state for state in _states(tuple(names))}
    missing = dict(_proofs(tuple(names)))
    return tuple(_of_source(configuration, name, states, missing.get(name, {}), every=every) for name in names)


@prepared
def _states(sources: tuple[str, ...]) -> QuerySet[StreamState]:
    return StreamState.objects.filter(source__in=sources)


@prepared
def _proofs(sources: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return SourceProof.objects.filter(source__in=sources).values_list("source", "missing")


def _of_source(
    configuration: Hub, name: str, states: dict[str, StreamState], missing: dict[str, list[str]], *, every: bool
) -> SourceStatement:
    source = configuration.source(name)
    order = list(SHOWN)
    chosen = [stream for stream in source.streams if every or stream.target in SHOWN]
    if not every:
        chosen.sort(key=lambda stream: order.index(stream.target))
    found = []
    for stream in chosen:
        state = states.get(full_name(name, stream)) or StreamState()
        label = stream.name.replace("_", " ").capitalize() if every else SHOWN[stream.target]
        found.append(
            Statement(
                label,
                stream.name,
                state.rows,
                state.since,
                state.as_of,
                state.full_as_of,
                state.changed_at,
                state.problem,
                tuple(missing.get(stream.name, ())),
            )
        )
    return SourceStatement(name, source.label, tuple(found))


def reach(delta: Delta, state: StreamState, *, whole: bool) -> tuple[date | None, datetime | None]:
    """Earliest day and latest change mark of a stream's rows, once the delta is merged.

    A whole read looks at every row, another one only at what it changed: an earlier day, or a later mark.
    """
    columns = delta.columns.target.fields
    day = DAY.get(delta.columns.target.table)
    wanted = [
        sql.SQL("min({})").format(sql.Identifier("m", str(columns[day].column))) if day else sql.SQL("null::date"),
        sql.SQL("max(m.source_modified_at)"),
    ]
    rows = sql.SQL("select {wanted} from {mirror} as m where m.source = {source} and m.deleted_at is null").format(
        wanted=sql.SQL(", ").join(wanted), mirror=delta.mirror, source=delta.source
    )
    if not whole:
        rows += sql.SQL(" and m.key in (select new_key from {})").format(delta.changes)
    since, changed = fetch(rows)[0]
    if whole:
        return since, changed
    days = [each for each in (since, state.since) if each]
    marks = [each for each in (changed, state.changed_at) if each]
    return min(days, default=None), max(marks, default=None)
