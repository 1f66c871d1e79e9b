"""The records of the practice org: in memory for reading, journalled to a file for restarts."""

from __future__ import annotations

from collections import defaultdict

from .fields import Record, Value
from .schema import Schema

Undo = tuple[str, str, Record | None]


class Store:
    """All rows by object and id, found also by key fields. A stored row is replaced, never changed in place."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.rows: dict[str, dict[str, Record]] = {each.name: {} for each in schema.objects.values()}
        self._by_key: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._keys_of: dict[str, list[str]] = {}
        self._undo: list[Undo] = []

    def get(self, sobject: str, record_id: str) -> Record | None:
        """The record, deleted or not, or None."""
        return self.rows[sobject].get(record_id)

    def put(self, sobject: str, record: Record) -> None:
        """Insert or replace a record by its Id."""
        record_id = str(record["Id"])
        old = self.rows[sobject].get(record_id)
        self._undo.append((sobject, record_id, old))
        self._unindex(sobject, old)
        self.rows[sobject][record_id] = record
        self._index(sobject, record)

    def drop(self, sobject: str, record_id: str) -> None:
        """Remove a record for good, as an emptied recycle bin does."""
        old = self.rows[sobject].pop(record_id)
        self._undo.append((sobject, record_id, old))
        self._unindex(sobject, old)

    def with_key(self, sobject: str, field: str, value: Value) -> list[Record]:
        """The live records whose key field has this value, in any letter case, oldest first."""
        ids = self._by_key[sobject, field].get(str(value).lower(), set())
        found = [self.rows[sobject][each] for each in sorted(ids)]
        return [record for record in found if not record.get("IsDeleted")]

    def reindex(self, sobject: str) -> None:
        """Build the key indexes of an object anew, after its fields changed."""
        self._keys_of.pop(sobject, None)
        for key in [key for key in self._by_key if key[0] == sobject]:
            del self._by_key[key]
        for record in self.rows[sobject].values():
            self._index(sobject, record)

    def mark(self) -> int:
        """A point to which `roll_back` can return, until the changes are taken."""
        return len(self._undo)

    def roll_back(self, mark: int) -> None:
        """Undo every change since the mark."""
        while len(self._undo) > mark:
            sobject, record_id, old = self._undo.pop()
            self._unindex(sobject, self.rows[sobject].pop(record_id, None))
            if old is not None:
                self.rows[sobject][record_id] = old
                self._index(sobject, old)

    def take_changes(self) -> list[tuple[str, str, Record | None]]:
        """(object, id, record or None when dropped) of everything changed since the last call; ends undoing."""
        touched = dict.fromkeys((sobject, record_id) for sobject, record_id, _ in self._undo)
        self._undo.clear()
        return [(sobject, record_id, self.rows[sobject].get(record_id)) for sobject, record_id in touched]

    def forget_changes(self) -> None:
        """End undoing, with nobody to tell of the changes."""
        self._undo.clear()

    def _index(self, sobject: str, record: Record) -> None:
        for field in self._keys(sobject):
            value = record.get(field)
            if value is not None:
                self._by_key[sobject, field][str(value).lower()].add(str(record["Id"]))

    def _unindex(self, sobject: str, record: Record | None) -> None:
        if record is None:
            return
        for field in self._keys(sobject):
            value = record.get(field)
            if value is not None:
                self._by_key[sobject, field][str(value).lower()].discard(str(record["Id"]))

    def _keys(self, sobject: str) -> list[str]:
        if sobject not in self._keys_of:
            fields = self._schema.objects[sobject.lower()]
            self._keys_of[sobject] = [each.name for each in fields if each.is_key and each.name != "Id"]
        return self._keys_of[sobject]
