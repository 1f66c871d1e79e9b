"""The place in a read from which a later run can go on, as text that a database can keep."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

REST: Literal["rest"] = "rest"
BULK: Literal["bulk"] = "bulk"


@dataclass(frozen=True)
class Place:
    """Behind which row a read stands: `job` and `locator` of a Bulk job, or the `last` id in order over REST.

    `rows` came before it, `expected` are all rows as far as known (-1: not). `done` is behind the last row; `whole`
    says that it was the whole content.
    """

    via: Literal["rest", "bulk"]
    job: str = ""
    locator: str = ""
    last: str = ""
    rows: int = 0
    expected: int = -1
    done: bool = False
    whole: bool = False

    @property
    def kept(self) -> Mapping[str, str]:
        """The place as text."""
        return {name: str(int(value) if isinstance(value, bool) else value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> "Place":
        """The place that was kept as text."""
        return cls(
            via=BULK if kept["via"] == BULK else REST,
            job=kept["job"],
            locator=kept["locator"],
            last=kept["last"],
            rows=int(kept["rows"]),
            expected=int(kept["expected"]),
            done=kept["done"] == "1",
            whole=kept["whole"] == "1",
        )
