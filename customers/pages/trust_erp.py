"""Whether the documents of a customer are here as its ERPs have them, by the last comparison of their streams.

No source counts per customer: a stream is compared as a whole, row by row where it was read whole. So a stream that
agrees speaks for each of its customers, and one that differs says whose documents it named.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from customers import formats
from customers.pages.trust_states import AMBER, GREEN, RED, worst
from customers.parts import among
from integration_hub.config import hub
from integration_hub.config.lateness import Limits
from integration_hub.freshness import limits
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOpenItem, ErpOrder, Reconciliation
from integration_hub.prepared import prepared
from integration_hub.standing_differences import latest, newest_of_each
from integration_hub.streams import full_name

TABLES: dict[str, type] = {
    "erp_order": ErpOrder,
    "erp_delivery": ErpDelivery,
    "erp_invoice": ErpInvoice,
    "erp_open_item": ErpOpenItem,
}
NEVER = "not compared with the ERP yet"


@dataclass(frozen=True)
class Compared:
    """What is known of one kind of document. `whole` says that every row was compared, not only numbers and sums;
    `at` is the oldest comparison that counts, `url` its page.
    """

    state: str
    words: str
    whole: bool
    at: datetime | None
    url: str


def compare_streams(keys: Sequence[str], now: datetime) -> dict[str, Compared]:
    """By mirror table, for the sources of some ERP customers. Two queries, and one more per stream that differs."""
    streams = _streams({key.partition(":")[0] for key in keys})
    names = [name for parts in streams.values() for name, _limits in parts]
    found = {one.stream: one for one in _latest(tuple(names))} if names else {}
    known = [name for name, one in found.items() if not one.hash_agrees]
    hashed = _hashed(known) if known else {}
    old = {
        name
        for parts in streams.values()
        for name, each in parts
        if name in found and each.late_at(found[name].checked_at) < now
    }
    return {
        table: _together([_one(found.get(name), hashed.get(name), table, keys, old) for name, _limits in parts])
        for table, parts in streams.items()
    }


def _streams(sources: Iterable[str]) -> dict[str, list[tuple[str, Limits]]]:
    """By mirror table the full names of the streams that fill it, with the limits from which a read is late."""
    chosen: dict[str, list[tuple[str, Limits]]] = {table: [] for table in TABLES}
    wanted = set(sources)
    for source in hub().sources:
        for stream in source.streams if source.name in wanted else ():
            if stream.target in chosen:
                chosen[stream.target].append((full_name(source.name, stream), limits(source, stream.every)))
    return chosen


def _hashed(names: Sequence[str]) -> dict[str, datetime]:
    """When every row of a stream was last compared and agreed."""
    return {one.stream: one.checked_at for one in _agreeing(tuple(names))}


@prepared
def _latest(streams: tuple[str, ...]) -> QuerySet[Reconciliation]:
    return latest(streams)


@prepared
def _agreeing(streams: tuple[str, ...]) -> QuerySet[Reconciliation]:
    return newest_of_each(Reconciliation.objects.filter(hash_agrees=True, agrees=True), streams)


def _together(parts: Sequence[Compared]) -> Compared:
    """Several sources as one: the worst of them speaks."""
    if not parts:
        return Compared(AMBER, "not provided by this ERP, so nothing to compare", whole=False, at=None, url="")
    state = worst(part.state for part in parts)
    speaks = next(part for part in parts if part.state == state)
    times = [part.at for part in parts if part.at]
    return Compared(state, speaks.words, all(part.whole for part in parts), min(times, default=None), speaks.url)


def _one(
    found: Reconciliation | None, hashed_at: datetime | None, table: str, keys: Sequence[str], old: Collection[str]
) -> Compared:
    if found is None:
        return Compared(AMBER, NEVER, whole=False, at=None, url="")
    url = reverse("reconciliation_stream", args=(found.stream,))
    if not found.agrees:
        return _differing(found, table, keys, url)
    rows = formats.plural(found.mirror_rows or 0, "row")
    words = f"all {rows} of the ERP agree in number and sums"
    if found.hash_agrees:
        words = f"all {rows} of the ERP agree, each compared whole"
    elif hashed_at is not None:
        words += f"; each was compared whole {formats.instant(hashed_at, hub().company.time_zone)}"
    if found.waiting:
        waiting = formats.plural(found.waiting, "row")
        return Compared(AMBER, f"{words}, but {waiting} wait in quarantine", False, found.checked_at, url)
    if found.stream in old:
        return Compared(AMBER, f"{words}, but that is long ago", False, found.checked_at, url)
    return Compared(GREEN, words, bool(found.hash_agrees), found.checked_at, url)


def _differing(found: Reconciliation, table: str, keys: Sequence[str], url: str) -> Compared:
    documents: list[Any] = [document for group in found.groups for document in group["documents"]]
    here = [document["key"] for document in documents if document["what"] != "missing"]
    model: Any = TABLES[table]
    own = model.objects.filter(among("customer", keys), key__in=here).count() if here else 0
    if own:
        words = f"{formats.plural(own, 'document')} of this customer differ from the ERP: {found.detail}"
        return Compared(RED, words, whole=False, at=found.checked_at, url=url)
    words = f"the ERP differs, in documents that are not known to be this customer’s: {found.detail}"
    return Compared(AMBER, words, whole=False, at=found.checked_at, url=url)
