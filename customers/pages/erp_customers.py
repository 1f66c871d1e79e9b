"""Every ERP customer behind a customer, by number: a page of them at a time."""

from dataclasses import dataclass

from django.db.models import Q

from customers.pages.credit import LimitUse, limit_of, limit_uses
from customers.pages.erp_numbers import ErpNumber, number_of
from customers.pages.scope import Scope
from customers.pages.sharing import part_words
from customers.parts import among, parts_among
from integration_hub.models import ErpCustomer

ROWS = 100
LIMITS = frozenset({"credit_limit", "open_amount"})


@dataclass(frozen=True)
class ErpRow:
    """One ERP customer; `part` says which part of it is meant, where a rule shares it. `use` is None without a limit,
    and for a reader who may not see it.
    """

    number: ErpNumber
    name: str
    place: str
    blocked: bool
    part: str
    use: LimitUse | None


@dataclass(frozen=True)
class ErpRows:
    """One page; `after` leads to the next one and is empty on the last. `limits` says that some row has one."""

    rows: tuple[ErpRow, ...]
    count: int
    after: str
    first: bool
    limits: bool


def build_erp_customers(scope: Scope, after: str) -> ErpRows:
    """The ERP customers of the scope beyond the one whose key is `after`; from the first on where that is none."""
    every = ErpCustomer.objects.filter(among("key", scope.keys))
    last = every.filter(key=after).first() if after else None
    found = every.filter(Q(number__gt=last.number) | Q(number=last.number, key__gt=last.key)) if last else every
    rows = list(found.select_related("company").order_by("number", "key")[: ROWS + 1])
    page = rows[:ROWS]
    shown = {row.key for row in page}
    parts = [part for part in parts_among(scope.keys) if part in shown]
    knows_limits = not LIMITS & scope.hidden
    limits = [limit_of(number_of(row)) for row in page if row.deleted_at is None] if knows_limits else []
    uses = {use.key: use for use in limit_uses(scope, limits)}
    words: dict[str, list[str]] = {}
    for part, told in zip(parts, part_words(parts, short=True), strict=True):
        words.setdefault(str(part), []).append(told)
    return ErpRows(
        rows=tuple(
            ErpRow(
                number=number_of(row),
                name=row.name,
                place=", ".join(filter(None, (row.city, row.country))),
                blocked=row.blocked,
                part="; ".join(words.get(row.key, ())),
                use=uses.get(row.key),
            )
            for row in page
        ),
        count=every.count(),
        after=page[-1].key if len(rows) > ROWS else "",
        first=last is None,
        limits=bool(uses),
    )
