"""Wanted and live values side by side in the database: the wanted ones staged, and what each field should hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from psycopg import sql

from integration_hub.config import PushField
from integration_hub.push.conversion import Rate
from integration_hub.push.values import NUMBER_TYPES, exact_sql
from integration_hub.push.wanted import FieldNeed, Kind, WantedSet
from integration_hub.salesforce.describe import FieldInfo
from integration_hub.warehouse import execute

COLUMN_TYPES: Mapping[Kind, str] = {
    Kind.MONEY: "numeric",
    Kind.NUMBER: "numeric",
    Kind.DATE: "date",
    Kind.TEXT: "text",
}
WANTED = sql.Identifier("push_wanted")


@dataclass(frozen=True)
class Comparison:
    """The rules of comparing: the fields with what is known of them, the currencies, and the policies.

    `fields` are all that were asked for, in the order of the staged columns. `foreign` are the currencies other than
    the reporting currency `base` that live accounts are kept in; `rates` lead there, None where they are refused.
    """

    organization: str
    fields: Sequence[PushField]
    described: Mapping[str, FieldInfo]
    needs: Mapping[str, FieldNeed]
    base: str
    foreign: frozenset[str]
    rates: Mapping[str, Rate] | None
    restore_drift: bool

    def stage(self, wanted: WantedSet) -> None:
        """Write the wanted values into a temporary table of typed columns."""
        columns = [
            sql.SQL("{} {}").format(self.column(rule), sql.SQL(COLUMN_TYPES[self.needs[rule.field].kind]))
            for rule in self.fields
        ]
        execute(sql.SQL("drop table if exists pg_temp.{}").format(WANTED))
        execute(
            sql.SQL("create temporary table {} (account varchar(18), {})").format(WANTED, sql.SQL(", ").join(columns))
        )
        with connection.cursor() as cursor:
            cursor.execute(f"insert into push_wanted {wanted.query}", wanted.parameters)
        execute(sql.SQL("analyze {}").format(WANTED))

    def column(self, rule: PushField) -> sql.Identifier:
        """The staged column of a field."""
        return sql.Identifier(f"v{self.fields.index(rule)}")

    @cached_property
    def converts_any(self) -> bool:
        """Whether an amount of an account in another currency is converted."""
        return any(self.converts(rule) for rule in self.fields)

    def converts(self, rule: PushField) -> bool:
        """Whether the field holds amounts in the account's own currency."""
        return self.rates is not None and self.takes_currency_of_account(rule)

    def takes_currency_of_account(self, rule: PushField) -> bool:
        """Whether Salesforce reads the field's amounts as being in the account's own currency, which may be foreign."""
        return bool(self.foreign) and self.is_amount(rule) and self.described[rule.field].type == "currency"

    def is_amount(self, rule: PushField) -> bool:
        """Whether the field holds money and is there."""
        return rule.field in self.described and self.needs[rule.field].kind is Kind.MONEY

    @cached_property
    def source(self) -> sql.Composable:
        """The from-clause: w wanted, l live, r the rate to the account's currency."""
        pairs: list[sql.Composable] = [
            sql.SQL("({}, {}::numeric)").format(sql.Literal(name), sql.Literal(rate.factor))
            for name, rate in (self.rates or {}).items()
        ]
        pairs = pairs or [sql.SQL("(null, null::numeric)")]
        return sql.SQL(
            """from {wanted} as w
            join hub_live_account as l on l.account = w.account and l.organization = {organization}
            left join (values {pairs}) as r (currency, factor) on r.currency = l.currency"""
        ).format(wanted=WANTED, organization=sql.Literal(self.organization), pairs=sql.SQL(", ").join(pairs))

    @property
    def is_foreign(self) -> sql.Composable:
        """Whether an account is kept in another than the reporting currency."""
        return sql.SQL("l.currency not in ('', {})").format(sql.Literal(self.base))

    def wanted(self, rule: PushField) -> sql.Composable:
        """The wanted value, in the reporting currency; zero instead of nothing where the field's rule says so."""
        value = sql.SQL("w.{}").format(self.column(rule))
        if rule.when_empty == "zero" and self.described[rule.field].type in NUMBER_TYPES:
            return sql.SQL("coalesce({}, 0)").format(value)
        return value

    def after(self, rule: PushField) -> sql.Composable:
        """What the field should hold, typed: amounts in the account's currency where they are converted."""
        value = self.wanted(rule)
        if self.converts(rule):
            return sql.SQL("case when {} and {value} <> 0 then {value} * r.factor else {value} end").format(
                self.is_foreign, value=value
            )
        if self.needs[rule.field].names_currency and self.converts_any:
            return sql.SQL("case when {} and {value} is not null then l.currency else {value} end").format(
                self.is_foreign, value=value
            )
        return value

    def lacks_rate(self, rule: PushField) -> sql.Composable:
        """Whether an amount cannot be converted, or must not be. Zero and nothing need no rate.

        It is so too where the very digits stand there: in another currency they are another amount.
        """
        if not self.takes_currency_of_account(rule):
            return sql.SQL("false")
        return sql.SQL("({} and coalesce({}, 0) <> 0 and r.factor is null)").format(self.is_foreign, self.wanted(rule))

    def after_text(self, rule: PushField) -> sql.Composable:
        """The exact text of `after`; the live one where nothing is to be written."""
        info = self.described[rule.field]
        text = exact_sql(self.after(rule), info)
        live = self.before(rule)
        keeps: list[sql.Composable] = []
        if self.converts(rule):
            keeps.append(self.lacks_rate(rule))
        if self.needs[rule.field].names_currency or self.needs[rule.field].names_day:
            # Where an amount stays as it is, so do the name of its currency and its day.
            keeps += [self.lacks_rate(each) for each in self.fields if self.takes_currency_of_account(each)]
        if rule.when_empty == "leave":
            keeps.append(sql.SQL("w.{} is null").format(self.column(rule)))
        if not keeps:
            return text
        return sql.SQL("case when {} then {} else {} end").format(sql.SQL(" or ").join(keeps), live, text)

    def before(self, rule: PushField) -> sql.Composable:
        """The exact text that stands there now."""
        return sql.SQL('(l."values" ->> {})').format(sql.Literal(rule.field))
