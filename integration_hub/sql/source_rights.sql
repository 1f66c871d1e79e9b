-- One row per thing in a source database that the session's role, or a role it may become, could write. No parameters.
with me as (
    select oid, rolname, rolsuper
    from pg_catalog.pg_roles
    where pg_catalog.pg_has_role(session_user, oid, 'member')
),
schemas as (
    select oid, nspname
    from pg_catalog.pg_namespace
    where nspname not in ('pg_catalog', 'information_schema') and nspname not like 'pg\_%'
),
relations as (
    select c.oid, c.relkind, c.relowner, s.oid as schema, pg_catalog.format('%I.%I', s.nspname, c.relname) as name
    from pg_catalog.pg_class as c
    join schemas as s on s.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
)
select 'superuser' as right_kind, me.rolname::text as object
from me
where me.rolsuper
union
select 'member', me.rolname::text
from me
where me.rolname in ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program')
union
select 'owner', r.name
from relations as r
join me on me.oid = r.relowner
where not me.rolsuper
union
select 'write', r.name
from relations as r
join me on not me.rolsuper and pg_catalog.has_schema_privilege(me.oid, r.schema, 'usage')
where r.relkind <> 'S'
    and (
        pg_catalog.has_table_privilege(me.oid, r.oid, 'delete, truncate')
        or pg_catalog.has_any_column_privilege(me.oid, r.oid, 'insert, update')
    )
union
select 'write', r.name
from relations as r
join me on not me.rolsuper and pg_catalog.has_schema_privilege(me.oid, r.schema, 'usage')
where case when r.relkind = 'S' then pg_catalog.has_sequence_privilege(me.oid, r.oid, 'usage, update') else false end
union
select 'create in schema', s.nspname::text
from schemas as s
join me on not me.rolsuper and pg_catalog.has_schema_privilege(me.oid, s.oid, 'create')
union
select 'create in database', pg_catalog.current_database()::text
from me
where not me.rolsuper and pg_catalog.has_database_privilege(me.oid, pg_catalog.current_database(), 'create')
order by 1, 2
