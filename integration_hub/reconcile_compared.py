"""What a comparison on demand found of one stream."""

from dataclasses import dataclass, field
from typing import Any

Sums = dict[str, dict[str, str]]
"""Money column -> currency -> exact text."""
SHOWN_KEYS = 10


@dataclass(frozen=True)
class Compared:
    """One stream: source beside mirror. `detail` names what differs.

    `groups` are the differing companies, months and currencies (see reconcile_documents.groups_of).
    """

    stream: str
    source_rows: int
    mirror_rows: int
    source_sums: Sums
    mirror_sums: Sums
    detail: str
    groups: list[dict[str, Any]] = field(default_factory=list)
    waiting: int = 0

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.detail


def changed_words(missing: int, others: int, keys: str) -> list[str]:
    """The sentence for rows that are not here and rows with other values; none where there are none."""
    if not missing + others:
        return []
    told = [f"{rows_words(missing, 'is', 'are')} missing here"] if missing else []
    told += [f"{rows_words(others, 'has other values', 'have other values')}"] if others else []
    return [f"{' and '.join(told)}: {keys}."]


def extra_words(count: int, keys: str) -> list[str]:
    """The sentence for rows that only the mirror has; none where there are none."""
    return [f"{rows_words(count, 'is', 'are')} here but not in the source: {keys}."] if count else []


def rows_words(count: int, one_does: str, many_do: str) -> str:
    """ "1 row is", "2,000 rows are"."""
    return f"1 row {one_does}" if count == 1 else f"{count:,} rows {many_do}"
