"""The whole state of one practice org, and keeping it over a restart."""

from __future__ import annotations

import os
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from .access import Caller, FieldAccess
from .clock import Clock
from .cursors import Cursors
from .faults import Faults
from .fields import NUMBER_TYPES, Field, ObjectType, Record
from .founding import found
from .identifiers import Mint
from .jobs.board import JobBoard
from .journal import Journal, Line
from .schema import Schema
from .sessions import ClientApp, Sessions
from .store import Store
from .usage import Usage

DEFAULT_USERNAME = "integration@practice.example"


@dataclass
class Settings:
    """How the org paces its answers; set by POST /practice/settings."""

    rest_page_rows: int = 2000
    bulk_page_rows: int = 10_000
    job_polls: int = 2
    """GETs of a job until it is complete: the first still says InProgress."""


@dataclass
class Call:
    """One API call as GET /practice/calls tells it."""

    method: str
    path: str
    status: int


@dataclass
class Org:
    """Everything the server knows. Endpoints hold `lock` while they read or change it."""

    journal: Journal = field(default_factory=lambda: Journal(None))
    lock: threading.RLock = field(default_factory=threading.RLock)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=100_000))

    def __post_init__(self) -> None:
        self._begin()
        for line in self.journal.read():
            self._replay(line)
        self.store.take_changes()
        if not self.organization_id:
            found(self)
        self._compact()

    @classmethod
    def open(cls, path: Path | None) -> Org:
        """The org of a state file; a new one when the file does not exist, in memory when there is no path."""
        return cls(Journal(path))

    def _begin(self) -> None:
        self.clock = Clock()
        self.schema = Schema()
        self.store = Store(self.schema)
        self.mint = Mint()
        self.access = FieldAccess()
        self.sessions = Sessions()
        self.faults = Faults()
        self.settings = Settings()
        self.usage = Usage()
        self.cursors = Cursors()
        self.jobs = JobBoard()
        self.refs: dict[str, str] = {}
        self._fresh_refs: dict[str, str] = {}
        self.currencies: list[str] = []
        self.custom: list[tuple[str, Field]] = []
        self.schema_changed: dict[str, datetime] = {}
        self.schema_started = datetime.now(UTC).replace(microsecond=0)
        self._dirty: set[str] = set()

    def reset(self) -> None:
        """Forget everything but the client app given by the environment."""
        self._begin()
        found(self)
        self._compact()

    @property
    def organization_id(self) -> str:
        """The id of the Organization record; empty before founding."""
        return next(iter(self.store.rows["Organization"]), "")

    def caller(self, user_id: str) -> Caller:
        """The rights of a user."""
        return Caller(user_id, self.access)

    def default_caller(self) -> Caller:
        """The integration user, for administration requests."""
        return self.caller(str(self.store.with_key("User", "Username", DEFAULT_USERNAME)[0]["Id"]))

    def register_app(self, app: ClientApp) -> None:
        """Add or replace an external client app."""
        self.sessions.apps[app.client_id] = app
        self.save("sessions")

    def register_app_from_environment(self) -> None:
        """The app whose key and secret the launcher hands to all its children, if it does."""
        client_id, secret = os.environ.get("SALESFORCE_CLIENT_ID"), os.environ.get("SALESFORCE_CLIENT_SECRET")
        if client_id and secret:
            self.register_app(ClientApp(client_id, secret, os.environ.get("SALESFORCE_USERNAME") or DEFAULT_USERNAME))

    def add_fields(self, sobject: ObjectType, fields: list[Field]) -> None:
        """Give an object custom fields; existing records have them empty."""
        for new in fields:
            sobject.add(new)
            self.custom.append((sobject.name, new))
            for record_id, record in self.store.rows[sobject.name].items():
                if new.type == "boolean" and new.name not in record:
                    self.store.rows[sobject.name][record_id] = {**record, new.name: new.default == "true"}
        self.store.reindex(sobject.name)
        self.schema_changed[sobject.name] = datetime.now(UTC).replace(microsecond=0)
        self.save("schema")

    def enable_currencies(self, currencies: list[str]) -> None:
        """Make the org a multi-currency one; the first currency is the corporate one, with rate 1."""
        self.currencies = currencies
        self.schema.enable_multicurrency(currencies)
        self.save("schema")

    def name_record(self, name: str, record_id: str) -> None:
        """Let later seed requests refer to a record by this name."""
        self.refs[name] = self._fresh_refs[name] = record_id
        self.save("refs")

    def _take_fresh_refs(self) -> dict[str, str]:
        taken, self._fresh_refs = self._fresh_refs, {}
        return taken

    def save(self, *sections: str) -> None:
        """Note that sections of the state must be journalled at the end of this request."""
        self._dirty.update(sections)

    def commit(self) -> None:
        """Journal everything changed since the last commit."""
        changes = self.store.take_changes()
        jobs = self.jobs.take_changes()
        if changes or jobs:
            self._dirty.add("mint")
        if not (changes or jobs or self._dirty):
            return
        self.journal.append(
            {
                "rows": [[name, record] for name, _, record in changes if record is not None],
                "dropped": [[name, record_id] for name, record_id, record in changes if record is None],
                "jobs": jobs,
                "state": {section: self._section(section) for section in sorted(self._dirty)},
            }
        )
        self._dirty.clear()

    def _section(self, section: str) -> Any:
        sections = {
            "mint": lambda: self.mint.counters,
            "sessions": self.sessions.dump,
            "schema": lambda: {"custom": [[name, asdict(each)] for name, each in self.custom], "currencies": self.currencies},
            "access": lambda: [[*key, *rights] for key, rights in self.access.rights.items()],
            "clock": lambda: {
                "now": self.clock.fixed.isoformat() if self.clock.fixed else None,
                "offset_seconds": self.clock.offset.total_seconds(),
            },
            "settings": lambda: asdict(self.settings),
            "refs": self._take_fresh_refs,
        }
        return sections[section]()

    def _compact(self) -> None:
        self.store.take_changes()
        self._dirty.clear()
        self._fresh_refs = dict(self.refs)
        every = ("mint", "sessions", "schema", "access", "clock", "settings", "refs")
        self.journal.rewrite(
            {
                "rows": [[name, record] for name, rows in self.store.rows.items() for record in rows.values()],
                "dropped": [],
                "jobs": self.jobs.dump(),
                "state": {section: self._section(section) for section in every},
            }
        )

    def _replay(self, line: Line) -> None:
        self._load_state(line["state"])
        for name, record in line["rows"]:
            self.store.put(name, _revive(self.schema.objects[name.lower()], record))
        for name, record_id in line["dropped"]:
            self.store.drop(name, record_id)
        self.jobs.load(line["jobs"])

    def _load_state(self, state: dict[str, Any]) -> None:
        self.mint.counters.update(state.get("mint", {}))
        if "sessions" in state:
            self.sessions.load(state["sessions"])
        if "schema" in state:
            self._load_schema(state["schema"])
        for user_id, sobject, name, readable, editable in state.get("access", []):
            self.access.set(user_id, sobject, name, (readable, editable))
        if "clock" in state:
            now = state["clock"]["now"]
            self.clock.set(now=now, offset_seconds=state["clock"]["offset_seconds"])
        if "settings" in state:
            self.settings = Settings(**state["settings"])
        self.refs.update(state.get("refs", {}))

    def _load_schema(self, state: dict[str, Any]) -> None:
        self.currencies = state["currencies"]
        if self.currencies:
            self.schema.enable_multicurrency(self.currencies)
        self.custom = []
        for name, spec in state["custom"]:
            lists = {key: tuple(spec[key]) for key in ("reference_to", "picklist")}
            new = Field(**{**spec, **lists})
            self.custom.append((name, new))
            self.schema.objects[name.lower()].add(new)
        for name in {name for name, _ in self.custom}:
            self.store.reindex(name)


def _revive(sobject: ObjectType, record: dict[str, Any]) -> Record:
    """A journalled record with its numbers as Decimals again."""
    for each in sobject:
        value = record.get(each.name)
        if value is not None and each.type in NUMBER_TYPES:
            record[each.name] = Decimal(str(value))
    return record


