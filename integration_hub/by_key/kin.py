"""Which rows of a database belong to a document, as hub.toml declares them, and which columns of the source name it."""

from collections.abc import Sequence

from integration_hub.config import Column, StreamConfig
from integration_hub.streams import target
from integration_hub.warehouse_documents import PARTS

KEY = "key"


def named_in(stream: StreamConfig, field: str) -> Column | None:
    """The source columns whose values, joined, are a reference of the mirror; None where a value is made otherwise."""
    column = stream.columns.get(field) or Column(source=(field,))
    if not column.source or column.values or column.strip_zeros or column.default is not None:
        return None
    return column


def split(column: Column, key: str) -> tuple[str, ...] | None:
    """The value of each of the columns that a key was joined from; None where that can be read in two ways."""
    if len(column.source) == 1:
        return (key,)
    parts = key.split(column.separator) if column.separator else []
    return tuple(parts) if len(parts) == len(column.source) and all(parts) else None


def kin(streams: Sequence[StreamConfig], documents: StreamConfig) -> dict[str, str]:
    """The streams whose rows come with these documents: name -> the field that names the document."""
    parts = {part.table: part.reference for part in PARTS.get(documents.target, ())}
    found = {}
    for each in streams:
        if each.parent and target(each.target).parent_table(each.parent) == documents.target:
            found[each.name] = each.parent
        elif each.target in parts:
            found[each.name] = parts[each.target]
    return found


def can_be_asked(streams: Sequence[StreamConfig], documents: StreamConfig, key: str) -> bool:
    """Whether conditions on the columns of the queries find a document, and all rows that must fit to it."""
    own = named_in(documents, KEY)
    if documents.parent or own is None or split(own, key) is None:
        return False
    by_name = {stream.name: stream for stream in streams}
    columns = [named_in(by_name[name], field) for name, field in kin(streams, documents).items()]
    return all(column is not None and split(column, key) is not None for column in columns)
