"""Compares wanted with live values: which field of which account changes, from what to what."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.db import connection
from psycopg import sql

from integration_hub.config import PushField
from integration_hub.models import ChangeStatus
from integration_hub.push.comparison import WANTED, Comparison
from integration_hub.push.conversion import NO_RATE
from integration_hub.push.preflight import Finding, State
from integration_hub.push.values import movement
from integration_hub.push.wanted import Kind
from integration_hub.salesforce.describe import FieldInfo
from integration_hub.warehouse import fetch

CURRENCY_DIFFERS = "CURRENCY_DIFFERS"
MOVEMENT_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one account whose live value is not the wanted one; texts are exact, None is empty.

    `status` is PLANNED for what will be sent, LEFT for a hand-edited value that stays, FAILED for what must not be
    sent. `movement` is in the reporting currency; `note` says at which rate an amount was converted.
    """

    account: str
    field: str
    before: str | None
    after: str | None
    movement: Decimal | None
    drift: bool = False
    status: ChangeStatus = ChangeStatus.PLANNED
    error_code: str = ""
    error_text: str = ""
    note: str = ""


@dataclass
class Draft:
    """A plan before it is stored.

    `compared` counts the accounts both wanted and live, `vanished` those wanted but not live. `changes` stand in the
    order of sending; `amounts` are the fields that hold money, `days` those that only say of which day they are.
    """

    as_of: date
    organization: str
    findings: tuple[Finding, ...]
    compared: int = 0
    vanished: int = 0
    changes: list[Change] = field(default_factory=list)
    amounts: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()

    @property
    def to_send(self) -> list[Change]:
        """The changes that will be sent."""
        return [change for change in self.changes if change.status == ChangeStatus.PLANNED]

    @property
    def accounts_to_send(self) -> int:
        """How many accounts will be written."""
        return len({change.account for change in self.to_send})

    @property
    def accounts_moved(self) -> int:
        """How many accounts will get another figure, and not only another day."""
        return len({change.account for change in self.to_send if change.field not in self.days})

    @property
    def total_change(self) -> Decimal:
        """By how much the amounts move in all, up or down, in the reporting currency."""
        moved = (change.movement for change in self.to_send if change.field in self.amounts)
        return sum((each for each in moved if each), Decimal(0)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    @property
    def stopped(self) -> list[Finding]:
        """The findings that stop their field."""
        return [finding for finding in self.findings if finding.state is State.RED]

    @property
    def rules_stopped(self) -> bool:
        """Whether the preflight stopped every field."""
        fields = {finding.field for finding in self.findings if finding.field}
        return bool(fields) and fields == {finding.field for finding in self.stopped}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the org and every change to send; two plans are the same exactly when it is."""
        digest = hashlib.sha256(self.organization.encode())
        for change in sorted(self.to_send, key=lambda each: (each.account, each.field)):
            digest.update(repr((change.account, change.field, change.before, change.after)).encode())
        return digest.hexdigest()


class _Difference(NamedTuple):
    """A row of the comparison. `wanted` is an amount in the reporting currency, `said` the value confirmed last."""

    account: str
    currency: str
    place: int
    before: str | None
    after: str | None
    wanted: Decimal | None
    lacks_rate: bool
    confirmed: bool
    said: str | None
    known: bool


def compare(draft: Draft, rules: Sequence[PushField], by: Comparison) -> None:
    """Fill the draft with what differs in the fields of the rules, by parent, owner and account: neighbours share
    locks in Salesforce, so they travel together.
    """
    counted = sql.SQL("select (select count(*) from {}), (select count(*) {})").format(WANTED, by.source)
    wanted, draft.compared = fetch(counted)[0]
    draft.vanished = wanted - draft.compared
    draft.amounts = frozenset(rule.field for rule in rules if by.is_amount(rule))
    draft.days = frozenset(rule.field for rule in rules if by.needs[rule.field].names_day)
    draft.changes += [_judge(row, rules[row.place], by) for row in _differences(rules, by)]


def _differences(rules: Sequence[PushField], by: Comparison) -> Iterator[_Difference]:
    with connection.cursor() as cursor:
        cursor.execute(_statement(rules, by))
        yield from (_Difference(*row) for row in cursor)


def _statement(rules: Sequence[PushField], by: Comparison) -> sql.Composable:
    """One row per field that differs. Whole accounts are compared first: most of them are as they should be."""
    places = range(len(rules))
    separated = sql.SQL(", ")
    return sql.SQL(
        """
        select t.account, t.currency, c.place, c.before, c.after, c.wanted, c.lacks_rate,
            p.account is not null, p.value, exists (
                select from hub_pushed_value as k join hub_push_plan as q on q.id = k.plan_id
                where k.account = t.account and q.organization = {organization}
            )
        from (
            select l.account, l.parent, l.owner, l.currency, {columns} {source}
            where ({lacking}) or ({live}) is distinct from ({after})
        ) as t
        cross join lateral (values {fields}) as c (place, field, before, after, wanted, lacks_rate)
        left join (
            select v.account, v.field, v.value from hub_pushed_value as v
            join hub_push_plan as o on o.id = v.plan_id and o.organization = {organization}
        ) as p on p.account = t.account and p.field = c.field
        where c.lacks_rate or c.before is distinct from c.after
        order by t.parent, t.owner, t.account, c.place
        """
    ).format(
        columns=separated.join(_columns(place, rules[place], by) for place in places),
        source=by.source,
        lacking=sql.SQL(" or ").join(by.lacks_rate(rule) for rule in rules),
        live=separated.join([by.before(rule) for rule in rules] + [sql.SQL("true")]),
        after=separated.join([by.after_text(rule) for rule in rules] + [sql.SQL("true")]),
        fields=separated.join(
            sql.SQL("({}, {}, t.{}, t.{}, t.{}, t.{})").format(
                sql.Literal(place), sql.Literal(rules[place].field), *(_name(kind, place) for kind in "banm")
            )
            for place in places
        ),
        organization=sql.Literal(by.organization),
    )


def _name(kind: str, place: int) -> sql.Identifier:
    """b(efore), a(fter), the wanted n(umber), and whether a rate is m(issing)."""
    return sql.Identifier(f"{kind}{place}")


def _columns(place: int, rule: PushField, by: Comparison) -> sql.Composable:
    wanted = by.wanted(rule) if by.is_amount(rule) else sql.SQL("null::numeric")
    values = (by.before(rule), by.after_text(rule), wanted, by.lacks_rate(rule))
    return sql.SQL(", ").join(
        sql.SQL("{} as {}").format(value, _name(kind, place)) for kind, value in zip("banm", values, strict=True)
    )


def _judge(row: _Difference, rule: PushField, by: Comparison) -> Change:
    info = by.described[rule.field]
    foreign = info.type == "currency" and by.needs[rule.field].kind is Kind.MONEY and row.currency not in {"", by.base}
    if row.lacks_rate or (foreign and by.rates is None):
        return _withheld(row, info, by)
    rate = by.rates.get(row.currency) if foreign and by.rates else None
    moved = movement(row.before, row.after, info)
    if rate and moved is not None:
        moved = (moved / rate.factor).quantize(MOVEMENT_STEP, rounding=ROUND_HALF_UP)
    # What stands in a field that was never written is somebody's too, on an account whose other fields were.
    drift = row.said != row.before if row.confirmed else row.known and row.before is not None
    return Change(
        row.account,
        info.name,
        row.before,
        row.after,
        moved,
        drift=drift,
        status=ChangeStatus.LEFT if drift and not by.restore_drift else ChangeStatus.PLANNED,
        note=rate.words(row.wanted) if rate and row.wanted else "",
    )


def _withheld(row: _Difference, info: FieldInfo, by: Comparison) -> Change:
    """An amount that Salesforce would read as being in the account's own currency, which it is not."""
    if by.rates is not None:
        code = NO_RATE
        text = f"{row.wanted:,.2f} {by.base} cannot be written in {row.currency}: no rate is known for that day."
    else:
        code = CURRENCY_DIFFERS
        text = f"The account is kept in {row.currency}, but the figures are in {by.base}."
    moved = movement(row.before, row.after, info)
    return Change(
        row.account,
        info.name,
        row.before,
        row.after,
        moved,
        status=ChangeStatus.FAILED,
        error_code=code,
        error_text=text,
    )
