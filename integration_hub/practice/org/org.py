"""The whole state of one practice org."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .access import Caller, FieldAccess
from .clock import Clock
from .cursors import Cursors
from .faults import Faults
from .fields import Field, ObjectType, Value
from .identifiers import Mint
from .jobs.board import JobBoard
from .journal import Journal
from .schema import CURRENCY_FIELD_ON, Schema
from .sessions import ClientApp, Sessions
from .store import Store
from .usage import Usage
from .validation import Rules

PERSON_ACCOUNTS, ACTIVE_OWNERS = "person_accounts", "owner_must_be_active"
NO_TEAMS, NO_QUOTES, NO_ORDERS = "account_teams_off", "quotes_off", "orders_off"
SWITCHES = {NO_TEAMS: "AccountTeamMember", NO_QUOTES: "Quote", NO_ORDERS: "Order"}
"""Features that take an object away."""
FEATURES = (PERSON_ACCOUNTS, ACTIVE_OWNERS, *SWITCHES)
DEFAULT_USERNAME = "integration@practice.example"

OWN_APP = ClientApp("practice-client", "practice-secret", DEFAULT_USERNAME)
"""Known to everybody, as nothing here is worth guarding: the org answers on this machine only."""


@dataclass
class Settings:
    """How the org paces its answers; set by POST /practice/settings."""

    rest_page_rows: int = 2000
    bulk_page_rows: int = 10_000
    job_polls: int = 2
    """GETs of a job until it is complete: the first still says InProgress."""


@dataclass
class Call:
    """One API call as GET /practice/calls tells it; `at` is when it came, in seconds since 1970 by the real clock."""

    method: str
    path: str
    status: int
    at: float = 0.0


@dataclass
class Org:
    """Everything the server knows. Endpoints hold `lock` while they read or change it."""

    journal: Journal = field(default_factory=lambda: Journal(None))
    lock: threading.RLock = field(default_factory=threading.RLock)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=100_000))

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget everything: an org without a single record."""
        self.epoch = time.monotonic_ns()
        self.clock = Clock()
        self.schema = Schema()
        self.store = Store(self.schema)
        self.mint = Mint()
        self.access = FieldAccess()
        self.sessions = Sessions()
        self.faults = Faults()
        self.settings = Settings()
        self.usage = Usage()
        self.rules = Rules()
        self.tracked: dict[str, list[str]] = {}
        self.deletions_from: str | None = None
        self.cursors = Cursors()
        self.jobs = JobBoard()
        self.refs: dict[str, str] = {}
        self.fresh_refs: dict[str, str] = {}
        self.currencies: list[str] = []
        self.features: set[str] = set()
        self.custom: list[tuple[str, Field]] = []
        self.schema_changed: dict[str, datetime] = {}
        self.schema_started = datetime.now(UTC).replace(microsecond=0)
        self.dirty: set[str] = set()

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

    def register_first_app(self) -> None:
        """The app whose key and secret the launcher hands to all its children; without one, an app of its own."""
        client_id, secret = os.environ.get("SALESFORCE_CLIENT_ID"), os.environ.get("SALESFORCE_CLIENT_SECRET")
        username = os.environ.get("SALESFORCE_USERNAME") or DEFAULT_USERNAME
        given = ClientApp(client_id, secret, username) if client_id and secret else OWN_APP
        self.register_app(given)

    def add_fields(self, sobject: ObjectType, fields: list[Field]) -> None:
        """Give an object custom fields; existing records have them empty."""
        for new in fields:
            sobject.add(new)
            self.custom.append((sobject.name, new))
            if new.type == "boolean":
                self.fill(sobject.name, new.name, new.default == "true")
        self.store.reindex(sobject.name)
        self.schema_changed[sobject.name] = datetime.now(UTC).replace(microsecond=0)
        self.save("schema")

    def fill(self, sobject: str, field: str, value: Value) -> None:
        """Give a new field its value on every record that has none, without moving stamps."""
        for record in list(self.store.rows[sobject].values()):
            if record.get(field) is None:
                self.store.put(sobject, {**record, field: value})

    @property
    def person_accounts(self) -> bool:
        """Whether an account may be a human being."""
        return PERSON_ACCOUNTS in self.features

    def switch_feature(self, name: str, *, on: bool) -> None:
        """Switch a feature of the org; ValueError for one it does not have. Person accounts stay once they are on."""
        if name not in FEATURES:
            raise ValueError(f"there is no feature {name!r}; known are currencies, {', '.join(FEATURES)}")
        if on and name == PERSON_ACCOUNTS and not self.person_accounts:
            self.schema.enable_person_accounts()
            for sobject in ("Account", "Contact"):
                self.fill(sobject, "IsPersonAccount", False)
                self.store.reindex(sobject)
        if name in SWITCHES and on != (name in self.features):
            self.schema.switch_object(SWITCHES[name], on=not on)
        if on:
            self.features.add(name)
        elif name != PERSON_ACCOUNTS:
            self.features.discard(name)
        self.save("schema")

    def enable_currencies(self, currencies: list[str]) -> None:
        """Make the org a multi-currency one; the first currency is the corporate one, with rate 1."""
        self.currencies = currencies
        self.schema.enable_multicurrency(currencies)
        for sobject in CURRENCY_FIELD_ON:
            self.fill(sobject, "CurrencyIsoCode", currencies[0])
        self.save("schema")

    def name_record(self, name: str, record_id: str) -> None:
        """Let later seed requests refer to a record by this name."""
        self.refs[name] = self.fresh_refs[name] = record_id
        self.save("refs")

    def save(self, *sections: str) -> None:
        """Note that sections of the state must be journalled at the end of this request."""
        self.dirty.update(sections)
