"""Keeps what stands in the pushed fields: a copy of Salesforce's own values, brought up to date before every plan.

The values are asked from Salesforce itself and not taken from the mirror: a mirror row may be older than a field that
was added to hub.toml, rejected, or restored from a backup. Only records stamped since the last read are asked for, less
an overlap for late commits; all of them when there is no copy of this org and these fields, or the last whole read is
old. What a push writes is not put into the copy: the next read brings it, stamped by Salesforce, and so a push that
was killed before the answer is right as well. What was read back after a push is, as Salesforce itself says it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from psycopg import sql

from integration_hub.config import SalesforceConfig
from integration_hub.models import LiveAccount, LiveRead
from integration_hub.push.values import exact_sql_of_text
from integration_hub.salesforce import soql
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import FieldInfo
from integration_hub.salesforce.extraction import Question, delivery
from integration_hub.salesforce.place import BULK, REST, Place
from integration_hub.warehouse import execute, one

__all__ = ["CURRENCY", "LiveAccount", "bring_up_to_date", "known_accounts", "take_in"]

CURRENCY, STAMP, DELETED = "CurrencyIsoCode", "SystemModstamp", "IsDeleted"
ABOUT: Mapping[str, str] = {
    "currency": CURRENCY,
    "parent": "ParentId",
    "owner": "OwnerId",
    "modified_at": "LastModifiedDate",
    "modified_by": "LastModifiedById",
}
"""What is known of an account beside the pushed fields: column -> field. One that is hidden stays empty."""
ACCOUNTS_AT_ONCE = 5000
FIELDS_AT_ONCE = 40
"""jsonb_build_object takes at most a hundred arguments."""
STAGE = sql.Identifier("live_stage")


@dataclass(frozen=True)
class _Question:
    """Which columns are asked for, and from when on (None: everything)."""

    described: Mapping[str, FieldInfo]
    fields: Sequence[FieldInfo]
    since: datetime | None

    @property
    def columns(self) -> tuple[FieldInfo, ...]:
        names = ["Id", DELETED, STAMP, *ABOUT.values(), *(info.name for info in self.fields)]
        return tuple(self.described[name] for name in dict.fromkeys(names) if name in self.described)

    @property
    def where(self) -> str:
        return f"{STAMP} >= {soql.instant(self.since)}" if self.since else ""

    def staged(self, name: str) -> sql.Composable:
        """The staged text of a field, null where it is empty or nobody may read it."""
        if name not in {info.name for info in self.columns}:
            return sql.SQL("null")
        return sql.SQL("nullif(s.{}, '')").format(sql.Identifier(name.lower()))


def bring_up_to_date(
    org: Org,
    organization: str,
    described: Mapping[str, FieldInfo],
    fields: Sequence[FieldInfo],
    config: SalesforceConfig,
    now: datetime,
) -> int:
    """Read what changed in these fields of the org's accounts into LiveAccount; how many records came."""
    read = LiveRead.objects.filter(organization=organization).first() or LiveRead(organization=organization)
    question = _Question(described, fields, _since(read, _marks(fields), config, now))
    rows = _stage(org, question, config.bulk_from_rows)
    _merge(question, read, now)
    return rows


def known_accounts(organization: str, accounts: Iterable[str]) -> dict[str, LiveAccount]:
    """What the copy holds of these accounts, by their ids."""
    rows = LiveAccount.objects.filter(organization=organization, account__in=list(accounts))
    return {row.account: row for row in rows.iterator(2000)}


def take_in(organization: str, stand: Mapping[str, Mapping[str, str | None]]) -> int:
    """Put exact texts that were just read, by account and field, into the copy; of how many accounts it changed."""
    changed, accounts = 0, list(stand)
    for start in range(0, len(accounts), ACCOUNTS_AT_ONCE):
        some = accounts[start : start + ACCOUNTS_AT_ONCE]
        changed += execute(
            sql.SQL(
                "update hub_live_account as l set values = l.values || r.stand::jsonb "
                "from unnest({accounts}::text[], {texts}::text[]) as r(account, stand) "
                "where l.account = r.account and l.organization = {organization} and not l.values @> r.stand::jsonb"
            ).format(
                accounts=sql.Literal(some),
                texts=sql.Literal([json.dumps(dict(stand[account])) for account in some]),
                organization=sql.Literal(organization),
            )
        )
    return changed


def _marks(fields: Sequence[FieldInfo]) -> list[str]:
    """A field of another type or scale has other exact texts, so it is read anew like another field."""
    return sorted(f"{info.name} {info.type} {info.scale}" for info in fields)


def _since(read: LiveRead, marks: list[str], config: SalesforceConfig, now: datetime) -> datetime | None:
    recent = read.full_at is not None and read.full_at > now - timedelta(hours=config.full_every_hours)
    if read.fields != marks or read.cursor is None or not recent:
        return None
    return read.cursor - timedelta(minutes=config.overlap_minutes)


def _stage(org: Org, question: _Question, bulk_from_rows: int) -> int:
    """COPY the records as text into a temporary table; how many there are."""
    names = [sql.Identifier(info.name.lower()) for info in question.columns]
    execute(sql.SQL("drop table if exists pg_temp.{}").format(STAGE))
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(name) for name in names)
    execute(sql.SQL("create temporary table {} ({})").format(STAGE, columns))
    asked = Question(
        "Account",
        tuple(info.name for info in question.columns),
        question.columns,
        question.where,
        with_deleted=question.since is not None,
    )
    rows = org.count("Account", asked.where, include_deleted=asked.with_deleted)
    start = Place(BULK if rows >= bulk_from_rows or not asked.fits else REST)
    with delivery(org, asked, start, keeps_job=False) as flow:
        for portion in flow.portions():
            if portion.fresh:
                execute(sql.SQL("truncate {}").format(STAGE))
            delivered = [sql.Identifier(name.lower()) for name in portion.columns]
            _copy(delivered, sql.SQL("(format {})").format(sql.SQL(portion.format)), portion.chunks)
    execute(sql.SQL("analyze {}").format(STAGE))
    return int(one(sql.SQL("select count(*) from {}").format(STAGE)))


def _copy(columns: Sequence[sql.Identifier], form: sql.Composable, chunks: Iterable[bytes]) -> None:
    names = sql.SQL(", ").join(columns)
    statement = sql.SQL("copy {} ({}) from stdin with {}").format(STAGE, names, form)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in chunks:
            copy.write(chunk)


@transaction.atomic
def _merge(question: _Question, read: LiveRead, now: datetime) -> None:
    """Make the copy what was read, and remember how far that was."""
    organization = sql.Literal(read.organization)
    gone = sql.SQL("{} = 'true'").format(question.staged(DELETED))
    if question.since is None:
        execute(
            sql.SQL(
                "delete from hub_live_account as l where l.organization <> {organization} "
                "or not exists (select from {stage} as s where s.id = l.account)"
            ).format(organization=organization, stage=STAGE)
        )
        LiveRead.objects.exclude(organization=read.organization).delete()
        read.full_at, read.fields = now, _marks(question.fields)
    else:
        execute(
            sql.SQL("delete from hub_live_account as l using {} as s where s.id = l.account and {}").format(STAGE, gone)
        )
    execute(_upsert(question, organization, gone))
    latest = one(sql.SQL("select max(({})::timestamptz) from {} as s").format(question.staged(STAMP), STAGE))
    read.cursor = max((mark for mark in (read.cursor, latest) if mark is not None), default=None)
    read.save()


def _upsert(question: _Question, organization: sql.Literal, gone: sql.Composable) -> sql.Composable:
    about = {
        name: sql.SQL("({})::timestamptz").format(question.staged(field))
        if name == "modified_at"
        else sql.SQL("coalesce({}, '')").format(question.staged(field))
        for name, field in ABOUT.items()
    }
    values = {"values": _texts(question), **about}
    names = [sql.Identifier(name) for name in values]
    return sql.SQL(
        """
        insert into hub_live_account as l (account, organization, {names})
        select distinct on (s.id) s.id, {organization}, {values}
        from {stage} as s
        where ({gone}) is not true
        order by s.id, {stamp} desc
        on conflict (account) do update set organization = excluded.organization, {updates}
        where (l.organization, {old}) is distinct from (excluded.organization, {new})
        """
    ).format(
        names=sql.SQL(", ").join(names),
        organization=organization,
        values=sql.SQL(", ").join(values.values()),
        stage=STAGE,
        gone=gone,
        stamp=question.staged(STAMP),
        updates=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in names),
        old=sql.SQL(", ").join(sql.SQL("l.{}").format(name) for name in names),
        new=sql.SQL(", ").join(sql.SQL("excluded.{}").format(name) for name in names),
    )


def _texts(question: _Question) -> sql.Composable:
    """The pushed fields as one JSON object of exact texts."""
    pairs = [
        sql.SQL("{}::text, {}").format(sql.Literal(info.name), exact_sql_of_text(question.staged(info.name), info))
        for info in question.fields
    ]
    parts = [pairs[start : start + FIELDS_AT_ONCE] for start in range(0, len(pairs), FIELDS_AT_ONCE)]
    objects = [sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(part)) for part in parts]
    return sql.SQL(" || ").join(objects)
