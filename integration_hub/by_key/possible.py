"""Which documents can be asked for by their key, told from hub.toml alone, before the source is opened."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integration_hub.by_key.kin import KEY, can_be_asked, kin
from integration_hub.config import StreamConfig
from integration_hub.models import StreamState
from integration_hub.salesforce.ids import to_18
from integration_hub.sources import SALESFORCE

IDS: Mapping[str, str] = {"odoo": r"[0-9]{1,9}", "tryton": r"(?!.*[0-9]{10})[ -~]+", "netsuite": r"[0-9]{1,18}"}
"""What a key looks like where the ERP counts its records: by profile, else by kind."""


class NoKey(Exception):
    """What is no key of this source; the message says what one looks like."""


@dataclass(frozen=True)
class Asked:
    """A source that somebody speaks of documents of: its kind ("salesforce" for the org), profile and streams."""

    name: str
    kind: str
    profile: str
    streams: Sequence[StreamConfig]

    def key(self, text: str) -> str:
        """A key as the source writes it. Raises NoKey."""
        if self.kind == SALESFORCE:
            try:
                return to_18(text)
            except ValueError as error:
                raise NoKey("A record's key is its Id, of 15 or 18 characters.") from error
        shape = IDS.get(self.profile) or IDS.get(self.kind)
        if shape and not re.fullmatch(shape, text):
            raise NoKey("A key of this ERP is the number of a record.")
        return text

    def can_be_read(self, stream: StreamConfig, key: str) -> bool:
        """Whether the document can be asked for alone; where it cannot, its stream is read."""
        if self.kind == "files" or stream.within:
            return False
        if self.kind == "sql":
            return can_be_asked(self.streams, stream, key)
        column = stream.columns.get(KEY)
        # A key that lacks a part would ask for more than the document.
        return column is None or len(column.source) < 2 or len(key.split(column.separator)) >= len(column.source)

    def loaded(self) -> set[str]:
        """The streams of which single documents may come: they were read whole before, and so was what comes with
        their documents.
        """
        read = StreamState.objects.filter(source=self.name).exclude(as_of=None).values_list("stream", flat=True)
        known = {name.removeprefix(f"{self.name}.") for name in read}
        return {stream.name for stream in self.streams if self._comes_with(stream) | {stream.name} <= known}

    def _comes_with(self, stream: StreamConfig) -> set[str]:
        beside = {each.name for each in self.streams if each.within == stream.name}
        return beside | (set(kin(self.streams, stream)) if self.kind == "sql" else set())
