"""The link that shows the same figure later: it names the day, and carries signed what the figure was when it was made.

The day alone would not do: the figures of a day that is not over are computed anew with every sync.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest

from customers.addresses import customer_address
from customers.measures import Measure
from customers.pages.scope import Scope
from customers.templatetags.proof import exact

PARAMETER = "seen"


@dataclass(frozen=True)
class Seen:
    """What a link says the figure was. `genuine` is False for one that was changed, of which nothing else is known."""

    genuine: bool
    value: str = ""
    computed_at: datetime | None = None

    def is_still(self, value: Any) -> bool:
        """Whether the stored figure is the one the link was made for."""
        return self.genuine and self.value == exact(value)


def evidence_link(measure: Measure, scope: Scope, request: HttpRequest) -> str:
    """The whole address of this figure of the shown day, also of the newest one; needs a scope with figures."""
    query = _scope_parameters(scope)
    told = {"v": exact(measure.value(scope.figures)), "at": scope.figures.computed_at.isoformat()}
    query[PARAMETER] = signing.dumps(told, salt=_salt(measure, scope))
    path = customer_address("figure", scope.customer.pk, measure.name)
    return request.build_absolute_uri(f"{path}?{urlencode(query)}")


def read_seen(text: str, measure: Measure, scope: Scope) -> Seen | None:
    """What the link of this page says; None where the page was opened by another way."""
    if not text:
        return None
    try:
        told = signing.loads(text, salt=_salt(measure, scope))
    except signing.BadSignature:
        return Seen(genuine=False)
    return Seen(genuine=True, value=told["v"], computed_at=datetime.fromisoformat(told["at"]))


def _scope_parameters(scope: Scope) -> dict[str, str]:
    day = scope.figures.as_of.isoformat()
    return {"as_of": day} | ({"group": "1"} if scope.group else {})


def _salt(measure: Measure, scope: Scope) -> str:
    """Ties the signature to the figure, the customer and the day: it proves nothing about another one."""
    return f"evidence:{measure.name}:{scope.customer.pk}:{urlencode(_scope_parameters(scope))}"
