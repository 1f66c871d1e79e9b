"""The CSV file of a report: heading, rows and totals of one instant, streamed with flat memory."""

from collections.abc import Callable, Iterator

from reports.export_copy import BLOCK_BYTES, blocks, copied, snapshot
from reports.export_seal import MARK, Seal, csv_line
from reports.exports import Export, csv_text
from reports.rows import QueryRows


def csv_lines(export: Export) -> Iterator[str]:
    """The file as text, some lines at a time."""
    for block in csv_blocks(export, Seal()):
        yield block.decode()


def csv_blocks(export: Export, seal: Seal, count: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """The file in blocks of whole lines, ending with the totals. The seal is closed after the last; `count` is told
    how many rows have passed.
    """
    with snapshot():
        seal.mark()
        seal.headings(export.headings())
        yield MARK + csv_line(export.headings())
        for block, rows in _row_blocks(export):
            seal.add(block, rows)
            yield block
            count(seal.rows)
        totals = export.rows.totals()
        foot = [csv_text(cell) for cell in export.foot(seal.rows, totals)]
        seal.totals(export, totals, foot)
        seal.close()
        yield csv_line(foot)


def _row_blocks(export: Export) -> Iterator[tuple[bytes, int]]:
    rows = export.rows
    wanted = copied(rows) if isinstance(rows, QueryRows) else None
    if wanted is not None:
        yield from blocks(wanted)
        return
    kept, size = [], 0
    for row in rows.stream():
        kept.append(csv_line([csv_text(cell) for cell in row.cells]))
        size += len(kept[-1])
        if size >= BLOCK_BYTES:
            yield b"".join(kept), len(kept)
            kept, size = [], 0
    yield b"".join(kept), len(kept)
