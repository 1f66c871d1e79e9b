"""Fills an empty mirror table beside the one that pages read, and lets the two change places at the end of the publish.

To drop an empty table's indexes, load it and build them again is much faster than to keep them while it is loaded, but
would keep every reader waiting to the commit. So the rows go into a new table of the same make, in a schema of its own
that is first in the transaction's search path: whatever the publish does from there on finds it by the mirror's name.
All of that is one transaction, of which a kill leaves nothing. Readers see the mirror empty until it commits, and wait
for the milliseconds of the exchange.
"""

import time
from collections.abc import Sequence

from django.db import DatabaseError, transaction
from psycopg import errors, sql

from integration_hub.warehouse import execute, fetch, one

SCHEMA = "customer360_first_load"
FOREMOST = f"{SCHEMA}, "
LONGEST_EXCHANGE_MS = 500
"""A page waits no longer: whoever reads the mirror in a longer transaction makes the exchange be tried again."""
PAUSES = (0.5, 1, 2, 4, 8, 8, 8, 8)
"""Seconds between two attempts. After the last the rows are copied into the mirror, which nobody has to wait for."""
IN_USE = (errors.QueryCanceled, errors.LockNotAvailable, errors.DeadlockDetected)

# Whether nothing hangs on a table that one of the same make would lack; what hinders the exchange itself shows there.
PLAIN = """
select c.relkind = 'r' and c.relpersistence = 'p' and not c.relispartition and not c.relhastriggers
    and not c.relhasrules and not c.relrowsecurity and c.relreplident = 'd' and c.reltablespace = 0
    and c.reloptions is null and c.relowner = (select oid from pg_roles where rolname = current_user)
    and has_database_privilege(current_database(), 'create') and has_schema_privilege(c.relnamespace, 'create')
    and not exists (select from pg_inherits as i where i.inhrelid = c.oid)
    and not exists (select from pg_policy as p where p.polrelid = c.oid)
    and not exists (select from pg_publication_rel as p where p.prrelid = c.oid)
    and not exists (select from pg_statistic_ext as s where s.stxrelid = c.oid)
    and not exists (select from pg_constraint as k where k.conrelid = c.oid and k.contype not in ('c', 'n', 'p', 'u'))
    and not exists (select from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0
        and (a.attidentity <> '' or a.attacl is not null or coalesce(a.attstattarget, -1) <> -1))
    and not exists (select from pg_index as i join pg_class as x on x.oid = i.indexrelid where i.indrelid = c.oid
        and (not i.indisvalid or i.indisclustered or x.reltablespace <> 0))
from pg_class as c where c.oid = {}::regclass
"""
# Its keys and indexes, each with the statement that makes it for whatever table has that name then.
BUILT = """
select k.conname, true, format('alter table %I add constraint %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
from pg_constraint as k join pg_class as c on c.oid = k.conrelid
where c.oid = {0}::regclass and k.contype in ('p', 'u')
union all
select x.relname, false, pg_get_indexdef(i.indexrelid, 0, true)
from pg_index as i join pg_class as x on x.oid = i.indexrelid
where i.indrelid = {0}::regclass and not exists (select from pg_constraint as k where k.conindid = i.indexrelid)
order by 2 desc, 1
"""
# Views that read one of the mirrors, with the names of its tables as this search path finds them.
VIEWS = """
select distinct format('create or replace view %I.%I%s as %s', n.nspname, v.relname,
    ' with (' || array_to_string(v.reloptions, ', ') || ')', pg_get_viewdef(v.oid))
from pg_depend as d join pg_rewrite as r on r.oid = d.objid join pg_class as v on v.oid = r.ev_class
join pg_namespace as n on n.oid = v.relnamespace
where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and v.relkind = 'v'
    and d.refobjid = any ({}::regclass[])
"""
# What a new table does not have by itself.
CARRIED = """
select format('grant %s on %s to %s%s', a.privilege_type, {new}::text,
    case when a.grantee = 0 then 'public' else quote_ident(g.rolname) end,
    case when a.is_grantable then ' with grant option' else '' end)
from pg_class as c, aclexplode(c.relacl) as a left join pg_roles as g on g.oid = a.grantee
where c.oid = {old}::regclass and a.grantee <> c.relowner
union all
select format('comment on table %s is %L', {new}::text, obj_description({old}::regclass, 'pg_class'))
where obj_description({old}::regclass, 'pg_class') is not null
"""


def begin(table: str) -> Sequence[str]:
    """Let the mirror's name mean an empty table without keys and indexes, to the end of the publish; returns the
    statements that build them. None are returned, and nothing changes, where the mirror itself has to be filled.
    """
    execute(sql.SQL("set local maintenance_work_mem = '256MB'"))
    if _is_beside(table):
        # A second stream of the same table; nobody else knows of this one.
        built = fetch(sql.SQL(BUILT).format(sql.Literal(table)))
        again = [(name, statement) for name, is_key, statement in built if not is_key]
        for name, _ in again:
            execute(sql.SQL("drop index {}").format(sql.Identifier(SCHEMA, name)))
        return [statement for _, statement in again]
    if not one(sql.SQL(PLAIN).format(sql.Literal(table))):
        return ()
    mirror = sql.Identifier(table)
    # What somebody writes there meanwhile would be lost. Readers do not mind this lock.
    execute(sql.SQL("lock table {} in share row exclusive mode").format(mirror))
    if one(sql.SQL("select exists (select from {})").format(mirror)):
        return ()
    built = fetch(sql.SQL(BUILT).format(sql.Literal(table)))
    if not _is_open():
        execute(sql.SQL("create schema {}").format(sql.Identifier(SCHEMA)))
        _look_there(first=True)
    execute(
        sql.SQL(
            "create table {} (like {} including all excluding indexes excluding identity excluding statistics)"
        ).format(sql.Identifier(SCHEMA, table), mirror)
    )
    return [statement for _, _, statement in built]


def put_in_place() -> None:
    """Let the tables that were filled beside their mirrors take their places: the last thing of a publish."""
    if not _is_open():
        return
    _look_there(first=False)
    tables = [
        (str(name), str(mirror))
        for name, mirror in fetch(
            sql.SQL(
                "select c.relname, format('%I.%I', n.nspname, m.relname) from pg_class as c"
                " join pg_class as m on m.oid = quote_ident(c.relname)::regclass"
                " join pg_namespace as n on n.oid = m.relnamespace"
                " where c.relnamespace = {}::regnamespace and c.relkind = 'r' order by 1"
            ).format(sql.Literal(SCHEMA))
        )
    ]
    if not _exchanged(tables):
        for name, mirror in tables:
            _copy(name, mirror)
    execute(sql.SQL("drop schema {}").format(sql.Identifier(SCHEMA)))


def _is_open() -> bool:
    return bool(one(sql.SQL("select current_schema() = {}").format(sql.Literal(SCHEMA))))


def _is_beside(table: str) -> bool:
    named = sql.Literal(f"{SCHEMA}.{table}")
    return bool(one(sql.SQL("select to_regclass({}) is not null").format(named)))


def _look_there(*, first: bool) -> None:
    """Put the schema in front of the search path, or take it away from there."""
    path = (
        "{0} || current_setting('search_path')" if first else "substr(current_setting('search_path'), length({0}) + 1)"
    )
    execute(sql.SQL(f"select set_config('search_path', {path}, true)").format(sql.Literal(FOREMOST)))


def _exchanged(tables: Sequence[tuple[str, str]]) -> bool:
    """Whether the exchange came about: not where a mirror is read all the time, or something else rests on it."""
    for pause in (*PAUSES, 0):
        try:
            with transaction.atomic():
                _exchange(tables)
        except DatabaseError as error:
            # Its locks are gone with the savepoint.
            if not isinstance(error.__cause__, IN_USE):
                return False
            time.sleep(pause)
        else:
            return True
    return False


def _exchange(tables: Sequence[tuple[str, str]]) -> None:
    """Take all locks and let go of none to the commit; as one statement, whose time the server limits as a whole."""
    mirrors = sql.Literal([mirror for _, mirror in tables])
    # Views before tables, as readers of a view lock them.
    statements = [f"set local search_path = {FOREMOST}{one(sql.SQL('show search_path'))}"]
    statements += [str(statement) for (statement,) in fetch(sql.SQL(VIEWS).format(mirrors))]
    for name, mirror in tables:
        beside = sql.Identifier(SCHEMA, name)
        schema = sql.SQL(mirror.rpartition(".")[0])
        carried = sql.SQL(CARRIED).format(new=sql.Literal(beside.as_string()), old=sql.Literal(mirror))
        statements += [str(statement) for (statement,) in fetch(carried)]
        statements.append(f"drop table {mirror}")
        statements.append(sql.SQL("alter table {} set schema {}").format(beside, schema).as_string())
    body = sql.SQL(" ").join(sql.SQL("execute {};").format(sql.Literal(statement)) for statement in statements)
    before = one(sql.SQL("show statement_timeout"))
    path = one(sql.SQL("show search_path"))
    execute(sql.SQL("set local statement_timeout = {}").format(sql.Literal(LONGEST_EXCHANGE_MS)))
    execute(sql.SQL("do {}").format(sql.Literal(f"begin {body.as_string()} end")))
    execute(sql.SQL("set local statement_timeout = {}").format(sql.Literal(before)))
    execute(sql.SQL("select set_config('search_path', {}, true)").format(sql.Literal(path)))


def _copy(name: str, mirror: str) -> None:
    """Put the rows into the mirror itself, which takes longer, but needs no lock that a reader would mind."""
    beside = sql.Identifier(SCHEMA, name)
    columns = sql.SQL(", ").join(
        sql.Identifier(column)
        for (column,) in fetch(
            sql.SQL(
                "select attname from pg_attribute where attrelid = {}::regclass and attnum > 0 and not attisdropped"
                " and attgenerated = '' order by attnum"
            ).format(sql.Literal(mirror))
        )
    )
    there = sql.SQL(mirror)
    execute(sql.SQL("insert into {} ({}) select {} from {}").format(there, columns, columns, beside))
    execute(sql.SQL("drop table {}").format(beside))
    execute(sql.SQL("analyze {}").format(there))
