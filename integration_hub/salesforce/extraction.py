"""Asks for one stream's rows, over REST or through a Bulk job, and hands them on as COPY bytes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from integration_hub.erp.copy_text import copy_text
from integration_hub.salesforce import soql
from integration_hub.salesforce.bulk_query import BulkResult
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import NUMBER_TYPES, FieldInfo
from integration_hub.salesforce.rows import csv_rows, record_rows


@dataclass(frozen=True)
class Question:
    """What one stream is asked for: column names in order, and their fields (None: the column stays empty)."""

    sobject: str
    columns: tuple[str, ...]
    fields: tuple[FieldInfo | None, ...]
    where: str
    with_deleted: bool

    @property
    def soql(self) -> str:
        """The query."""
        return soql.select([info.name for info in self.fields if info], self.sobject, self.where)

    @property
    def passes_through(self) -> bool:
        """Whether the Bulk API's CSV can go to the stage as it is: every column is there, and none is a double."""
        return all(info is not None and info.type not in NUMBER_TYPES for info in self.fields)


@dataclass(frozen=True)
class Flow:
    """Rows on their way; the callables are asked after the last chunk, as those of Extract are."""

    columns: tuple[str, ...]
    format: Literal["text", "csv"]
    chunks: Iterator[bytes]
    whole: Callable[[], bool]
    expected_rows: Callable[[], int | None]


@contextmanager
def over_rest(org: Org, question: Question) -> Iterator[Flow]:
    """Few rows: pages of JSON, written as COPY text."""
    reading = org.query_all(question.soql) if question.with_deleted else org.query(question.soql)
    chunks = copy_text(record_rows(iter(reading), question.fields))
    yield Flow(question.columns, "text", chunks, lambda: reading.whole, lambda: reading.rows)


@contextmanager
def in_bulk(org: Org, question: Question) -> Iterator[Flow]:
    """Many rows: CSV bytes passed on as they are, or as COPY text where numbers must be written out."""
    with org.bulk_query(question.soql, include_deleted=question.with_deleted) as result:
        progress = _Progress(result)
        if question.passes_through:
            yield Flow(
                _own_names(question, result),
                "csv",
                progress.watch(result.chunks),
                progress.at_end,
                result.expected_rows,
            )
        else:
            rows = csv_rows(result.records(), result.columns, question.fields)
            yield Flow(question.columns, "text", progress.watch(copy_text(rows)), progress.at_end, result.expected_rows)


@dataclass
class _Progress:
    """Knows whether a Bulk result was whole: read to its end, where its rows are compared with the job's own count."""

    result: BulkResult
    ended: bool = False

    def watch(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        yield from chunks
        self.ended = True

    def at_end(self) -> bool:
        return self.ended and self.result.expected_rows() is not None


def _own_names(question: Question, result: BulkResult) -> tuple[str, ...]:
    """The result's columns as the stream names them; letter case may differ."""
    names = {info.name.lower(): name for name, info in zip(question.columns, question.fields, strict=True) if info}
    return tuple(names[column.lower()] for column in result.columns)
