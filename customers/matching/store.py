"""Keeps a comparable record of every live ERP customer and account, and finds those whose texts changed since."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from customers.matching.blocks import blocks_of, identities_of
from customers.matching.facts import RULES, Facts, Record, facts_of, looks_like_vat, read, stored
from customers.models import MatchRecord, MatchSide
from customers.statements import Parameter, fetch, run
from integration_hub.config import hub

ANALYZE_FROM, ANALYZE_SHARE = 100, 10
"""So many records made at once, and one part in so many of all, are a reason to look at the tables again."""
Keyed = tuple[str, Facts]
Known = dict[int, Keyed]
NAMES = {MatchSide.ERP: "customers", MatchSide.ACCOUNT: "accounts"}
COLUMNS = ("name", "vats", "registration", "numbers", "phones", "addresses", "street", "postal_code", "city", "country")


def _asked(keys: Sequence[str] | None) -> dict[str, Parameter]:
    salesforce = hub().salesforce
    return {
        "keys": None if keys is None else list(keys),
        "rules": str(RULES),
        "vat_field": salesforce.vat_field if salesforce else "",
        "registration_field": salesforce.registration_field if salesforce else "",
    }


def stale(side: MatchSide, keys: Sequence[str] | None = None) -> list[str]:
    """Keys of live records, among these or of all, whose texts are not those that their record was made of."""
    return [str(key) for (key,) in fetch(f"match_stale_{NAMES[side]}", **_asked(keys))]


def gone(keys: Sequence[str] | None = None) -> list[int]:
    """Records, of these keys or of all, that are of something no longer live."""
    return [int(record) for (record,) in fetch("match_gone", keys=None if keys is None else list(keys))]


def mirrored(side: MatchSide, keys: Sequence[str]) -> dict[str, tuple[UUID, Facts]]:
    """What the mirror says of live records now, made comparable, with its print; by key."""
    found = {}
    for row in fetch(f"match_read_{NAMES[side]}", **_asked(keys)):
        record = _record(row[0], dict(zip(COLUMNS, row[1:-1], strict=True)))
        found[record.key] = (UUID(row[-1]), facts_of(record))
    return found


def _record(key: str, values: dict[str, Any]) -> Record:
    texts = {name: list(filter(None, values[name])) for name in ("vats", "numbers", "phones", "addresses")}
    vats = texts["vats"]
    if len(vats) > 1:  # found among all further fields of an account
        texts["vats"] = list(filter(looks_like_vat, vats))
    return Record(key=key, **(values | texts))


def remake(side: MatchSide, keys: Sequence[str], *, fill: bool = True) -> tuple[list[int], set[int]]:
    """Make the records of live keys anew; their ids, and all blocks that tell who else is concerned, old and new.

    Without `fill` match_block is left alone: whoever makes very many records fills it once afterwards.
    """
    before = MatchRecord.objects.filter(side=side, key__in=keys)
    concerned: set[int] = set()
    if fill:
        for facts in before.values_list("facts", flat=True):
            concerned |= identities_of(read(facts))
        _leave_blocks(before.values_list("pk", flat=True))
    made = mirrored(side, keys)
    _write(made, side)
    if fill:
        for _, facts in made.values():
            concerned |= identities_of(facts)
        run("match_enter", side=str(side), keys=list(made))
        _analyze_after(len(made))
    ids = MatchRecord.objects.filter(side=side, key__in=made).order_by("pk").values_list("pk", flat=True)
    return list(ids), concerned


def _analyze_after(added: int) -> None:
    """Tell the planner of many new records: of tables that it believes empty it reads the whole for each block."""
    if added >= ANALYZE_FROM and added * ANALYZE_SHARE >= MatchRecord.objects.count():
        run("match_analyze")


def _write(made: dict[str, tuple[UUID, Facts]], side: MatchSide) -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.match_new")
        cursor.execute("create temp table match_new (key varchar, print uuid, facts jsonb, blocks bigint[])")
        with cursor.copy("copy match_new from stdin") as copy:
            for key, (mark, facts) in made.items():
                row = (key, str(mark), json.dumps(stored(facts)), _array(blocks_of(facts)))
                copy.write_row(row)
        run("match_upsert", side=str(side))
        cursor.execute("drop table match_new")


def _array(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes an array; in order, so that the same record is the same row."""
    return "{" + ",".join(map(str, sorted(numbers))) + "}"


def remove(records: Sequence[int]) -> set[int]:
    """Forget records; the blocks that tell who else is concerned."""
    left = MatchRecord.objects.filter(pk__in=records)
    concerned: set[int] = set()
    for facts in left.values_list("facts", flat=True):
        concerned |= identities_of(read(facts))
    _leave_blocks(records)
    left.delete()
    return concerned


def _leave_blocks(records: Iterable[int]) -> None:
    run("match_leave", records=list(records))


def facts_of_records(records: Iterable[int]) -> Known:
    """Key and facts of records by their ids."""
    rows = fetch("match_facts", records=list(records))
    return {pk: (key, read(json.loads(facts))) for pk, key, facts in rows}
