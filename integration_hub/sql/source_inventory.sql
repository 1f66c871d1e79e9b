-- One row: the server, database and role of a source connection, and how many tables and views the role may read. No parameters.
select
    pg_catalog.current_setting('server_version') as version,
    pg_catalog.current_database()::text as database,
    session_user::text as role,
    pg_catalog.current_setting('transaction_read_only') as read_only,
    count(c.oid) as readable
from (select 1) as one
left join pg_catalog.pg_class as c
    on c.relkind in ('r', 'p', 'v', 'm', 'f')
    and c.relnamespace not in (
        select n.oid from pg_catalog.pg_namespace as n
        where n.nspname in ('pg_catalog', 'information_schema') or n.nspname like 'pg\_%'
    )
    and pg_catalog.has_schema_privilege(c.relnamespace, 'usage')
    and pg_catalog.has_table_privilege(c.oid, 'select')
