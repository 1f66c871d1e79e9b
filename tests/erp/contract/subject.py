"""What the contract tests need of an adapter: an ERP that can be set up, changed as its users change it, and broken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from integration_hub.models.common import Mirrored

CASES: Mapping[str, str] = {
    "good_credentials": "the check passes",
    "bad_credentials": "the check fails with a readable reason",
    "equal_reads": "two whole reads are equal",
    "resume": "an interrupted read goes on and loses nothing",
    "gone_resumed": "what the ERP names as gone leaves the mirror after an interrupted read, without a comparison",
    "late_commit": "a row that is committed after younger stamps arrives",
    "future_cursor": "a stored mark that lies in the future leads to a whole read",
    "part_payment": "a part payment is seen",
    "refund": "a credit note is seen, negative",
    "reversal": "a reversed invoice and what reverses it both count",
    "down_payment": "a down payment is no revenue",
    "cancel": "a cancelled document is seen",
    "archive": "an archived customer is kept and marked",
    "hard_delete": "what was deleted for good leaves the mirror",
    "line_text": "an edited line text is seen",
    "replaced_whole": "a document that lost a line loses it here",
    "lost_right": "a lost right deletes nothing",
    "lost_company": "a lost company deletes nothing",
    "field_added": "a new field raises a notice and loses nothing",
    "field_removed": "a removed field stops before publishing",
    "field_retyped": "a field of another type stops before publishing",
    "no_write": "nothing that could write arrives at the ERP",
    "html_page": "a sign-in page with status 200 is told as one",
    "cut_answer": "a cut answer changes nothing",
    "repeated_page": "a page that repeats is noticed",
    "page_out_of_order": "a page out of order is noticed",
    "long_text": "a text of a million characters loses no document",
}


UNNAMED = {"gone_resumed": "nothing is named as gone: what is there is compared as a whole"}
"""Not applicable where keys or whole reads alone show what has left."""


@dataclass(frozen=True)
class Seen:
    """A fact of the mirror after a change: the row with that key has these values, or is gone (values None)."""

    model: type[Mirrored]
    key: str
    values: Mapping[str, Any] | None

    def holds(self) -> bool:
        """Whether the mirror shows it."""
        row = self.model.objects.filter(pk=self.key).first()
        if self.values is None:
            return row is None or row.deleted_at is not None
        return (
            row is not None
            and row.deleted_at is None
            and all(getattr(row, name) == value for name, value in self.values.items())
        )


Change = Callable[[], list[Seen]]
"""Changes the ERP as one of its users would; returns what must be seen after one cycle or one sweep."""


def changes_of(erp: Any, *made: Callable[[Any], list[Seen]]) -> dict[str, Change]:
    """Functions that are named like their case and change an ERP, by case."""
    return {each.__name__: partial(each, erp) for each in made}


@dataclass
class Subject:
    """One adapter with its ERP. `changes` by case; `not_applicable` says for each other case why it cannot be.

    `toml` is the [[sources]] section for hub.toml, `environment` its secrets. `breaks` by case set the ERP up to
    misbehave. `wrong` are variables that make the sign-in fail, which nobody may read unless they are no secret.
    `writes` sends every method that writes through the adapter's client and returns (refused, arrived at the socket).
    """

    CASES: ClassVar[Mapping[str, str]] = CASES
    name: str
    source: str
    toml: str
    environment: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    wrong_is_secret: bool = True
    changes: dict[str, Change] = field(default_factory=dict)
    breaks: dict[str, Callable[[], None]] = field(default_factory=dict)
    writes: Callable[[], tuple[int, int]] | None = None
    not_applicable: dict[str, str] = field(default_factory=dict)
    close: Callable[[], None] = lambda: None

    def can(self, case: str) -> bool:
        """Whether the case can be run; otherwise `not_applicable` says why not."""
        return case not in self.not_applicable


Maker = Callable[[Path], Subject]
"""Starts the ERP in a folder of its own. Raises pytest.skip where a program it needs is missing."""
