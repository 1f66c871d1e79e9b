"""The first rows of a stream, raw and as the mirror would hold them, without writing anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from psycopg import sql

from integration_hub.columns import ColumnMap
from integration_hub.config import StreamConfig
from integration_hub.sources import Extract, NothingNew, Portion, Source
from integration_hub.staging import extract_columns
from integration_hub.warehouse import Stage, WithoutNul, copied, create_stage, fetch

ROWS = 20
MOST_BYTES = 8 * 1024 * 1024
"""A row that does not end within so many bytes is shown with what stands before it only."""
NAME = "stage_0_preview"


@dataclass(frozen=True)
class PreviewRow:
    """One row: what the source says, what would be stored, and why a value would be refused, each by column name."""

    raw: Mapping[str, str | None]
    mapped: Mapping[str, str | None]
    problems: Mapping[str, str]
    left_out: bool


@dataclass(frozen=True)
class Preview:
    """The first rows of a stream; `reason` says why there are none."""

    stream: StreamConfig
    rows: tuple[PreviewRow, ...]
    unused: tuple[str, ...] = ()
    reason: str = ""


def preview(source: Source, stream: StreamConfig, rows: int = ROWS) -> Preview:
    """Read the beginning of a stream. Raises SourceProblem; reads no more than the first page or chunk."""
    documents = next((each for each in source.streams if each.name == stream.within), stream)
    try:
        with source.extract(documents, None) as extract:
            columns, format_, chunks = _beginning(extract, stream, documents)
            own = replace(extract, columns=columns, beside={})
            mapped = extract_columns(source.name, stream, own, frozenset())
            with transaction.atomic():
                stage = _staged(columns, format_, chunks, stream, rows)
                found = _rows(stage, mapped, rows)
                transaction.set_rollback(True)
    except NothingNew as nothing:
        return Preview(stream, (), reason=nothing.reason)
    reason = "" if found else "The source delivers no row."
    return Preview(stream, tuple(found), mapped.unused, reason)


def _beginning(
    extract: Extract, stream: StreamConfig, documents: StreamConfig
) -> tuple[tuple[str, ...], str, Iterator[bytes]]:
    if extract.portions is None:
        return extract.columns, extract.format, extract.chunks
    beside = stream.name != documents.name
    columns = extract.beside[stream.name] if beside else extract.columns
    portions = extract.portions

    def chunks() -> Iterator[bytes]:
        for portion in portions:
            yield from _of(portion, stream.name if beside else "")

    first = next(portions, None)
    if first is None:
        return columns, "text", iter(())
    head = list(_of(first, stream.name if beside else ""))
    return (columns if beside else first.columns), first.format, iter(head) if any(head) else chunks()


def _of(portion: Portion, beside: str) -> Iterator[bytes]:
    return portion.beside.get(beside, iter(())) if beside else portion.chunks


def _staged(columns: tuple[str, ...], format_: str, chunks: Iterator[bytes], stream: StreamConfig, rows: int) -> Stage:
    create_stage(NAME, len(columns))
    names = sql.SQL(", ").join(sql.Identifier(f"c{number}") for number in range(1, len(columns) + 1))
    statement = sql.SQL("copy {} ({}) from stdin (format {}, encoding 'UTF8')").format(
        sql.Identifier(NAME), names, sql.SQL(format_)
    )
    whole = iter([_first_lines(chunks, rows, quoted=format_ == "csv")])
    count = copied(statement, WithoutNul(whole), stream.name)
    return Stage(NAME, columns, count)


def _first_lines(chunks: Iterator[bytes], rows: int, *, quoted: bool) -> bytes:
    """The first rows and no half one. In CSV a line break within quotation marks does not end a row."""
    held: bytes = b""
    for chunk in chunks:
        held += chunk
        if len(held) > MOST_BYTES or len(_whole_rows(held, rows, quoted=quoted)) == rows:
            break
    else:
        held = held if held.endswith(b"\n") or not held else held + b"\n"
    return b"".join(_whole_rows(held, rows, quoted=quoted))


def _whole_rows(text: bytes, most: int, *, quoted: bool) -> list[bytes]:
    found, row = [], b""
    for line in text.split(b"\n")[:-1]:
        row += line + b"\n"
        if quoted and row.count(b'"') % 2:
            continue
        found.append(row)
        row = b""
        if len(found) == most:
            break
    return found


def _rows(stage: Stage, mapped: ColumnMap, rows: int) -> list[PreviewRow]:
    """Values are only computed where nothing is wrong with them: a cast that fails would end the statement."""
    wanted: list[sql.Composable] = [sql.SQL("({}) is not true").format(mapped.kept)]
    wanted += [stage.column(name) for name in stage.columns]
    for column in mapped.columns:
        wanted.append(sql.SQL("({})::text").format(column.problem))
        wanted.append(sql.SQL("case when ({}) is null then ({})::text end").format(column.problem, column.value))
    found = fetch(
        sql.SQL("select {} from {} as s order by s.ctid limit {}").format(
            sql.SQL(", ").join(wanted), stage.table, sql.Literal(rows)
        )
    )
    return [_row(stage.columns, [column.name for column in mapped.columns], values) for values in found]


def _row(raw: Sequence[str], names: Sequence[str], values: Sequence[str | None]) -> PreviewRow:
    texts = values[1 : 1 + len(raw)]
    pairs = list(zip(values[1 + len(raw) :: 2], values[2 + len(raw) :: 2], strict=True))
    return PreviewRow(
        raw=dict(zip(raw, texts, strict=True)),
        mapped={name: value for name, (_, value) in zip(names, pairs, strict=True)},
        problems={name: problem for name, (problem, _) in zip(names, pairs, strict=True) if problem},
        left_out=bool(values[0]),
    )
