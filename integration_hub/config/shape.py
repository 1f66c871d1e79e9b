"""The shape of hub.toml as frozen dataclasses. Field comments are the reference; hub.toml is the annotated example."""

from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import ConfigDict

from integration_hub.config.alerts import AlertsConfig
from integration_hub.config.handover import HandoverConfig
from integration_hub.config.history import HistoryConfig
from integration_hub.config.masters import MastersConfig
from integration_hub.config.schedule import ScheduleConfig
from integration_hub.config.sections import AccessConfig, ExportsConfig, StagesConfig

STRICT = ConfigDict(extra="forbid", strict=True)
SALESFORCE_OBJECTS = ("UserRole", "User", "Account", "AccountTeamMember", "Contact", "Opportunity", "Quote", "Order")
"""What is mirrored of Salesforce (salesforce/objects.py), by name."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """Whose figures these are, in which currency and calendar."""

    __pydantic_config__ = STRICT
    name: str
    reporting_currency: str  # ISO 4217, upper case
    time_zone: str  # IANA name; its midnight is the day change
    fiscal_year_start: int = 1  # month 1-12
    # "months": fiscal years are twelve months. Else the weeks of the three months of each quarter: a year then has 52
    # or 53 whole weeks, and ends around the last day of the month before fiscal_year_start.
    calendar: Literal["months", "4-4-5", "4-5-4", "5-4-4"] = "months"
    week_ends: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "saturday"
    year_end: Literal["last", "nearest"] = "last"  # that weekday: the last of the month, or the nearest to its end
    companies: tuple[str, ...] = ()  # only documents of these companies count, by key as "erp:10"; empty = all

    @property
    def basis(self) -> str:
        """What figures rest on, in words: those of another basis cannot be compared with them, nor added to them."""
        years = f"fiscal years from month {self.fiscal_year_start}"
        if self.calendar != "months":
            years = f"{years} in {self.calendar} weeks to the {self.year_end} {self.week_ends}"
        return f"{self.reporting_currency}; {years}; {', '.join(sorted(self.companies)) or 'all companies'}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """How one target column is made from the source's columns; everything is text until PostgreSQL casts it."""

    __pydantic_config__ = STRICT
    source: tuple[str, ...] = ()  # source columns; several are joined with `separator`
    constant: str | None = None  # the same value for every row, instead of a source column
    separator: str = "/"
    default: str | None = None  # used where the source value is empty
    formats: tuple[str, ...] = ()  # dates: "DD.MM.YYYY", "YYYYMMDD", "MM/DD/YYYY", "YYYY-MM-DD"; empty = ISO 8601
    decimal_comma: bool = False  # "1.234,56" instead of "1,234.56"
    values: dict[str, str] = field(default_factory=dict)  # value map; a value not in the map rejects the row
    strip_zeros: bool = False  # "0000104233" -> "104233", for keys
    factor: str | None = None  # multiply a number, e.g. "-1" where credit notes come positive


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Keeps only rows whose source column has (or has not) one of the values."""

    __pydantic_config__ = STRICT
    column: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StreamConfig:
    """One object type of one source, and the mirror table it fills."""

    __pydantic_config__ = STRICT
    name: str  # unique in its source, e.g. "invoices"
    target: str  # mirror table, e.g. "erp_invoice"
    query: str = ""  # sql: one SELECT; columns are taken by name
    object: str = ""  # APIs: the ERP's own name of what is read: a model, entity set or document type
    where: str = ""  # APIs: a further condition in the ERP's own language (domain, $filter, SuiteQL)
    also: str = ""  # APIs: like where, rows that are read each time, because they change without a new change mark
    within: str = ""  # APIs: the stream of the documents that these lines or items come with
    path: str = ""  # files: name pattern below the source's directory, newest complete file wins
    sheet: str = ""  # files, xlsx: the sheet to read; empty = the first
    delivery: Literal["full", "delta"] = "full"  # files: each holds all rows, or only changed ones
    full_path: str = ""  # delta: name pattern of the full deliveries that come now and then
    order: Literal["name", "time"] = "name"  # delta: by the numbers in the names (20261126_0007), or by time of writing
    sequence: bool = False  # delta: the last number in the name counts up by one; a missing one stops the stream
    trailer: str = ""  # files: the last line, as "T;{rows};{sum:Net Total}"; {any} stands for anything
    control: str = ""  # files: name of the file with the totals, as "{name}.ctl" or "{stem}.txt"
    control_totals: str = ""  # what stands in it, as "rows={rows};sum={sum:Net Total}"
    columns: dict[str, Column] = field(default_factory=dict)  # target column -> how; unnamed ones match by name
    filters: tuple[Filter, ...] = ()
    cursor: str = ""  # source column with the change mark; empty = always a full snapshot
    key_column: str = ""  # sql: the query's unique column; with it a read goes page by page, and on after a break
    overlap_minutes: int = 30  # reread before the cursor, for late commits
    parent: str = ""  # target reference column naming the document: children are replaced with it
    every: str = ""  # how often, if other than its source; its documents and lines are read with it
    sums: bool = True  # whether amounts of the lines must add up to their document's net amount
    # What to call a row that is no longer there. "closed" keeps it: its status becomes closed, with all its lines.
    gone_reason: Literal["deleted", "left_source", "excluded", "closed"] = "left_source"


@dataclass(frozen=True, kw_only=True)
class SourceConfig:
    """One ERP. `name` prefixes every key, so it must never change."""

    __pydantic_config__ = STRICT
    name: str  # lower-case letters, digits, underscore
    label: str
    kind: Literal["sql", "files", "tryton", "odoo", "odata", "rest"]
    streams: tuple[StreamConfig, ...]
    profile: str = ""  # ready-made streams: a file of erp/profiles; those of hub.toml change or add to them
    without: tuple[str, ...] = ()  # streams of the profile that are not wanted
    # sql: dialect://role:password@host/database; APIs: https://...; files: sftp://user@host:22/path
    url: str = field(default="", repr=False)
    database: str = ""  # tryton, odoo: the name of the database
    username: str = ""  # APIs: who signs in, where the ERP wants a name
    password: str = field(default="", repr=False)  # APIs: basic sign-in; SFTP: or of the key; from the environment
    private_key_file: str = ""  # SFTP: the key that signs in, instead of a password
    host_key: str = ""  # SFTP: fingerprint of the server's key, as "SHA256:..."; another key is refused
    api_key: str = field(default="", repr=False)  # APIs: a key or token; from the environment
    token_url: str = ""  # APIs: where OAuth2 client credentials are exchanged for a token
    client_id: str = ""  # APIs: OAuth2
    client_secret: str = field(
        default="", repr=False
    )  # APIs: OAuth2, or the second half of a key; from the environment
    scope: str = ""  # APIs: OAuth2
    companies: tuple[str, ...] = ()  # APIs: only these companies, as the ERP names them; empty = all that are seen
    options: dict[str, str] = field(default_factory=dict)  # APIs: what a profile asks for, such as a tenant
    page_rows: int = 0  # APIs: rows per request; 0 = what suits the kind
    requests_per_minute: int = 0  # APIs: no more than this; 0 = as fast as the ERP answers
    timeout_seconds: int = 60  # APIs, SFTP: longest silence of the server
    # APIs: the most that one answer may take as a whole; SFTP: that 256 MB of a file may; sql: longest silence
    answer_seconds: int = 900
    directory: str = ""  # files: where deliveries arrive
    archive_directory: str = ""  # files: where accepted and refused ones are kept; empty = below STATE_DIR
    archive_days: int = 30  # files: how long they are kept; 0 = for good
    format: Literal["csv", "tsv", "jsonl", "xlsx"] = "csv"
    encoding: str = "utf-8"
    delimiter: str = ""  # csv: default comma
    settle_seconds: int = 30  # files: untouched this long, or accompanied by <file>.done, counts as complete
    every_minutes: int = 15
    every: str = ""  # instead of every_minutes: "5 minutes", "day at 02:30" (timing/rhythm.py)
    late_after: int = 0  # minutes overdue from which it counts as late; 0 = one interval
    stale_after: int = 0  # minutes overdue from which it counts as out of date; 0 = three intervals
    full_every_hours: int = 24  # streams with a cursor are read whole this often
    sweep_every_hours: int = 24  # APIs: all keys are compared this often, to find what was deleted for good
    sweep_every: str = ""  # instead of sweep_every_hours
    # The ERP may ring for a document that changed: POST /hooks/<name>/, signed with this; from the environment
    webhook_secret: str = field(default="", repr=False)
    max_rejected_share: float = 0.01  # above it the run stops before publishing
    max_deleted_share: float = 0.2  # a snapshot that would remove more removes nothing and says so
    unusual_factor: int = 1000  # a document of this many times the usual amount is named in a notice; 0 = none is
    sum_tolerance: str = "0.01"  # lines may differ from their document by this, and by half of it for each line


@dataclass(frozen=True, kw_only=True)
class CanvasConfig:
    """The customer's page inside Salesforce. It is switched off without a consumer secret."""

    __pydantic_config__ = STRICT
    consumer_secret: str = field(default="", repr=False)  # of the Canvas app; signs each request; from the environment
    origins: tuple[str, ...] = ()  # the org's own origins, which may show the page in a frame

    @property
    def is_on(self) -> bool:
        """Whether there is a secret to check signatures with."""
        return bool(self.consumer_secret)


@dataclass(frozen=True, kw_only=True)
class SalesforceConfig:
    """The org. Secrets come from the environment only."""

    __pydantic_config__ = STRICT
    login_url: str  # My Domain URL for client credentials
    flow: Literal["client_credentials", "jwt_bearer", "refresh_token"] = "client_credentials"
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)  # refresh_token: the first one; rotated ones are kept encrypted
    username: str = ""  # jwt_bearer
    private_key_file: str = ""  # jwt_bearer
    api_version: str = "62.0"
    erp_number_field: str = "ERP_Number__c"  # Account field that holds the ERP customer number
    vat_field: str = ""  # Account field with the tax number; empty = any mirrored one that looks like such a number
    registration_field: str = ""  # Account field with the number of a company register
    account_fields: tuple[str, ...] = ()  # further Account fields to mirror
    contact_fields: tuple[str, ...] = ()  # further Contact fields to mirror
    opportunity_fields: tuple[str, ...] = ()  # further Opportunity fields to mirror
    quote_fields: tuple[str, ...] = ()  # further Quote fields to mirror, where the org has quotes
    order_fields: tuple[str, ...] = ()  # further fields of Salesforce orders to mirror, where the org has orders
    every_minutes: int = 15
    every: str = ""  # instead of every_minutes
    times: dict[str, str] = field(default_factory=dict)  # objects that are read more or less often: name -> every
    late_after: int = 0  # minutes overdue from which it counts as late; 0 = one interval
    stale_after: int = 0  # minutes overdue from which it counts as out of date; 0 = three intervals
    full_every_hours: int = 24
    formulas_every_hours: int = 24  # formula and roll-up fields never move the stamp: refreshed on their own
    formulas_every: str = ""  # instead of formulas_every_hours
    sweep_every_hours: int = 24  # all ids are compared this often, to find hard deletes and late commits
    sweep_every: str = ""  # instead of sweep_every_hours
    overlap_minutes: int = 10
    bulk_from_rows: int = 2000
    daily_request_share: float = 0.8  # stop at this share of the org's daily API requests
    run_request_share: float = 0.25  # the most of the daily requests that one run may use
    timeout_seconds: int = 60  # longest silence of the server
    answer_seconds: int = 900  # the most that one answer may take as a whole
    max_rejected_share: float = 0.01
    max_deleted_share: float = 0.2
    # A trigger of the org may ring for a record: POST /hooks/salesforce/, signed with this; from the environment
    webhook_secret: str = field(default="", repr=False)
    canvas: CanvasConfig = field(default_factory=CanvasConfig)

    @property
    def identifier_fields(self) -> tuple[str, ...]:
        """The Account fields that say which company it is, where hub.toml names any."""
        return tuple(filter(None, (self.vat_field, self.registration_field)))


@dataclass(frozen=True, kw_only=True)
class PushField:
    """One measure that goes to one Account field."""

    __pydantic_config__ = STRICT
    field: str  # API name
    measure: str  # a measure's name, or a text: "segment", "ordering", "as_of" ...
    label: str = ""
    when_empty: Literal["clear", "zero", "leave"] = "clear"


@dataclass(frozen=True, kw_only=True)
class PushConfig:
    """What is written to Salesforce, and the brakes."""

    __pydantic_config__ = STRICT
    enabled: bool = True
    collections_up_to: int = 1000  # more changed accounts than this go as one Bulk 2.0 job
    # first: the very first plan of an org waits for a person, later ones only on a brake; always: every plan waits.
    approval: Literal["first", "on_brake", "always"] = "first"
    # What happens to a value edited by hand: put back, left until its figure changes, or left until somebody decides.
    drift: Literal["restore", "accept", "ask"] = "restore"
    drift_check_hour: int = 3  # hour of the company's day, 0-23, of the nightly check
    other_currency: Literal["convert", "refuse"] = "convert"  # accounts kept in another than the reporting currency
    max_changed_share: float = 1.0  # brake: halts above this share of all accounts
    max_total_change: int = 0  # brake: halts when amounts move by more in all (reporting currency); 0 = no limit
    fields: tuple[PushField, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Hub:
    """The whole configuration."""

    __pydantic_config__ = STRICT
    company: Company
    sources: tuple[SourceConfig, ...] = ()
    salesforce: SalesforceConfig | None = None
    push: PushConfig = field(default_factory=PushConfig)
    masters: MastersConfig = field(default_factory=MastersConfig)
    history: HistoryConfig = field(default_factory=HistoryConfig)
    access: AccessConfig = field(default_factory=AccessConfig)
    handover: HandoverConfig = field(default_factory=HandoverConfig)
    exports: ExportsConfig = field(default_factory=ExportsConfig)
    stages: StagesConfig = field(default_factory=StagesConfig)
    alerts: AlertsConfig = field(default_factory=AlertsConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)

    @property
    def salesforce_as_read(self) -> SalesforceConfig | None:
        """The org with every Account field that is read: those that [masters] compares are among account_fields."""
        if self.salesforce is None:
            return None
        names = dict.fromkeys((*self.salesforce.account_fields, *self.masters.further_fields))
        return replace(self.salesforce, account_fields=tuple(names))

    def source(self, name: str) -> SourceConfig:
        """The source of that name; KeyError names the ones that exist."""
        for source in self.sources:
            if source.name == name:
                return source
        known = ", ".join(source.name for source in self.sources) or "none"
        raise KeyError(f"no source named {name!r}; hub.toml has: {known}")
