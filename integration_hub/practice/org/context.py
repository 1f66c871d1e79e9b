"""What an endpoint is given: the org, the request, the session behind it, the parts of its path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .access import Caller
from .errors import no_such_type, not_found
from .faults import Switch
from .fields import ObjectType
from .message import Request, Response
from .org import Org


@dataclass(frozen=True)
class Context:
    """One authenticated call."""

    org: Org
    request: Request
    caller: Caller
    token: str
    version: str
    parts: dict[str, str] = field(default_factory=dict)

    def sobject(self, name: str | None = None) -> ObjectType:
        """The object named in the path (or given); ApiError when the org has none: 404 in a path, 400 in a body."""
        found = self.org.schema.get(name or self.parts["sobject"])
        if found is None:
            raise not_found() if name is None else no_such_type(name)
        return found

    def fault(self, name: str) -> Switch | None:
        """The fault's switch when it strikes this call, else None."""
        return self.org.faults.strike(name, self.request)

    def data_url(self, rest: str) -> str:
        """A path below this call's API version."""
        return f"/services/data/v{self.version}/{rest}"


Endpoint = Callable[[Context], Response]
