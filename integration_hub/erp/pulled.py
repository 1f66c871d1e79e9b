"""The engine's side of ERPs that are read page by page: an adapter's batches become portions of rows on their way to
the stage, kept with their place, so that a read that was killed goes on where it stopped.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from django.utils.module_loading import import_string

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Adapter, Batch, Capabilities, Question, Row
from integration_hub.erp.copy_text import copy_text
from integration_hub.sources import Extract, Portion, SourceCheck, SourceProblem, Totals

ADAPTERS: Mapping[str, str] = {
    "tryton": "integration_hub.erp.tryton.TrytonAdapter",
    "odoo": "integration_hub.erp.odoo.source.OdooAdapter",
    "odata": "integration_hub.erp.odata.source.ODataAdapter",
    "rest": "integration_hub.erp.rest.rest_adapter",
}
PLACE, KEY = "place", "key"
COMPUTED = "computed"


@dataclass
class _Progress:
    """`finished` once the adapter has delivered its last page."""

    finished: bool = False
    gone: list[str] = field(default_factory=list)


def open_pulled(config: SourceConfig) -> "PulledSource":
    """The source of that configuration with the adapter of its kind, not yet connected."""
    return PulledSource(config, cast("Adapter", import_string(ADAPTERS[config.kind])(config)))


class PulledSource:
    """One ERP behind an adapter. Overlap, cursors, resuming and documents beside their lines are kept here."""

    def __init__(self, config: SourceConfig, adapter: Adapter) -> None:
        self.name = config.name
        self.streams = config.streams
        self.max_rejected_share = config.max_rejected_share
        self.max_deleted_share = config.max_deleted_share
        self._config, self._adapter = config, adapter
        self._known: dict[str, Capabilities] = {}

    def check(self) -> SourceCheck:
        """Sign in and look. Raises SourceProblem."""
        return self._adapter.check()

    def capabilities(self, stream: StreamConfig) -> Capabilities:
        """What the adapter can do for a stream, asked once."""
        if stream.name not in self._known:
            self._known[stream.name] = self._adapter.capabilities(stream)
        return self._known[stream.name]

    def shape(self, stream: StreamConfig) -> Mapping[str, str]:
        """Every field that the ERP describes, and the columns that the adapter computes."""
        can = self.capabilities(stream)
        return {**dict.fromkeys(can.columns, COMPUTED), **can.fields} if can.fields else {}

    def identity(self, stream: StreamConfig, cursor: str | None) -> str:
        """What is asked of whom, and what comes with it."""
        can = self.capabilities(stream)
        return f"{self._config.url} {self._config.companies} {stream} {can.columns} {can.beside} {cursor}"

    @contextmanager
    def extract(self, stream: StreamConfig, cursor: str | None) -> Iterator[Extract]:
        """All documents, or those changed since the cursor less the overlap, with what comes with them."""
        with self.continued(stream, cursor, {}) as extract:
            yield extract

    @contextmanager
    def continued(self, stream: StreamConfig, cursor: str | None, place: Mapping[str, str]) -> Iterator[Extract]:
        """The same, from behind the last page that was kept."""
        since = self._since(stream, cursor) if stream.cursor and cursor else None
        question = Question(stream, since, place.get(PLACE, ""))
        with self._delivered(question, whole=since is None) as extract:
            yield extract

    @contextmanager
    def documents(self, stream: StreamConfig, keys: Sequence[str]) -> Iterator[Extract]:
        """The documents with these keys."""
        with self._delivered(Question(stream, keys=keys), whole=False) as extract:
            yield extract

    @contextmanager
    def all_keys(self, stream: StreamConfig) -> Iterator[Extract]:
        """The key of every row."""
        progress, before, bytes_before = _Progress(), self._adapter.calls, self._adapter.received

        def pages() -> Iterator[Sequence[Row]]:
            for keys in self._adapter.keys(stream):
                yield [(key,) for key in keys]

        yield Extract(
            columns=(KEY,),
            format="text",
            chunks=iter(()),
            complete=lambda: progress.finished,
            as_of=datetime.now(UTC),
            api_calls=lambda: self._adapter.calls - before,
            received=lambda: self._adapter.received - bytes_before,
            portions=_portions((KEY,), (Batch(rows) for rows in pages()), progress, resuming=False),
        )

    def totals(self, stream: StreamConfig) -> Totals | None:
        """What the ERP counts and sums by itself; None where it does not."""
        return self._adapter.totals(stream) if self.capabilities(stream).counts else None

    def close(self) -> None:
        """End the session."""
        self._adapter.close()

    @contextmanager
    def _delivered(self, question: Question, *, whole: bool) -> Iterator[Extract]:
        can, progress = self.capabilities(question.stream), _Progress()
        before, bytes_before = self._adapter.calls, self._adapter.received
        as_of = datetime.now(UTC)
        # No keys is nothing to ask for, which an adapter must never take for everything.
        batches = self._adapter.pull(question) if question.keys is None or question.keys else iter(())
        yield Extract(
            columns=can.columns,
            format="text",
            chunks=iter(()),
            complete=lambda: progress.finished and whole,
            as_of=as_of,
            api_calls=lambda: self._adapter.calls - before,
            received=lambda: self._adapter.received - bytes_before,
            portions=_portions(can.columns, batches, progress, resuming=bool(question.place)),
            beside=can.beside,
            at_one_instant=False,
            gone=lambda: progress.gone,
        )

    def _since(self, stream: StreamConfig, cursor: str) -> datetime:
        """The cursor less the overlap, which is at least what the ERP's stamps need."""
        try:
            stamp = datetime.fromisoformat(cursor.strip())
        except ValueError as error:
            raise SourceProblem(
                f'The change mark "{cursor[:40]}" of "{stream.name}" is no point in time.',
                "Its changes cannot be told from its old rows. Nothing was changed.",
                "Run: manage.py sync --full for this source; correct cursor in hub.toml if it happens again.",
            ) from error
        stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        overlap = max(stream.overlap_minutes, self.capabilities(stream).overlap_minutes)
        return stamp.astimezone(UTC) - timedelta(minutes=overlap)


def _portions(
    columns: tuple[str, ...], batches: Iterator[Batch], progress: _Progress, *, resuming: bool
) -> Iterator[Portion]:
    """A portion for each page; the first empties the stage, also where no page comes at all."""
    fresh = not resuming
    for batch in batches:
        progress.gone += batch.gone
        yield Portion(
            columns=columns,
            format="text",
            chunks=copy_text(batch.rows),
            place={PLACE: batch.place} if batch.place else {},
            fresh=fresh,
            beside={name: copy_text(rows) for name, rows in batch.beside.items()},
        )
        fresh = False
    if fresh:
        yield Portion(columns, "text", iter(()), {}, fresh=True)
    progress.finished = True
