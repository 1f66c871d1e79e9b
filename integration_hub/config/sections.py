"""The smaller sections of hub.toml: who sees what, exports, stages."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, kw_only=True)
class AccessConfig:
    """What somebody who may open a customer still does not see, and how long it is kept who opened it."""

    __pydantic_config__ = STRICT
    # Column -> roles that do not see it. A column is a measure's name or one such as "credit_limit"; the layer that
    # shows columns checks the names. Administrators see everything: what a push writes is theirs to check.
    hidden: dict[str, tuple[Literal["account_manager", "analyst"], ...]] = field(default_factory=dict)
    view_log_days: int = 400  # how long it is kept who opened or exported which customer; 0 = for good
    # Roles that may take figures away as files; each exports what it sees, no more. A statement of account is meant for
    # the customer: whoever sees its page may take it.
    export: tuple[Literal["account_manager", "analyst", "administrator"], ...] = ("analyst", "administrator")


@dataclass(frozen=True, kw_only=True)
class ExportsConfig:
    """From how many rows on a file is made in the background, how long it is kept, and where scheduled files go."""

    __pydantic_config__ = STRICT
    csv_rows: int = 200_000
    xlsx_rows: int = 20_000
    keep_hours: int = 72
    folder: str = ""  # for scheduled exports; empty = they are only kept in the app and mailed


@dataclass(frozen=True, kw_only=True)
class StagesConfig:
    """When a customer counts as lapsed, and what a won deal waits for on its way to the ERP."""

    __pydantic_config__ = STRICT
    lapsed_after_months: int = 12  # a customer whose last order is longer ago has lapsed
    won_after_days: int = 14  # a deal won longer ago by an account without ERP customer stands on the worklist
    payment_terms_field: str = ""  # one of account_fields: the agreed payment terms; empty = they are not looked for
