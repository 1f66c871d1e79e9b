"""The documentation of the views in the schema `reporting`, made from their comments in the database."""

from django.db import connection

SCHEMA = "reporting"
COLUMNS = """
select c.relname, obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, a.atttypmod),
    col_description(c.oid, a.attnum)
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid
where n.nspname = %s and c.relkind = 'v' and a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum
"""
HEAD = """\
# Views for your own questions

The schema `reporting` holds views of the run log, the data's age, reconciliation, rejected rows, pushes, alerts, audit,
schedules, API use, links, Salesforce orders, and customers with their figures of today and of past days. Names and
meanings stay as they are; columns are only added, at the end. This page is made from the comments in the database
(`manage.py reporting_views`), so `\\d+ reporting.run` tells the same.

The views are for people who have a role in the database, which whoever keeps the database grants. They know nothing of
who may see which customer on the pages: a role that can read `reporting.customer`, `customer_day`, `link`,
`salesforce_order`, `push_value`, `rejected_row` or `audit` reads all of it. Grant single views where that is too much.
A view reads with the rights of the product's own role, so the reader needs no right on any table, and cannot write:

```sql
create role reader login password '...';
grant connect on database customer360 to reader;
grant usage on schema reporting to reader;
grant select on reporting.run, reporting.stream_run, reporting.freshness, reporting.reconciliation to reader;
alter role reader set default_transaction_read_only = on;
alter role reader set statement_timeout = '60s';
```

For example, the rows rejected per day and stream:

```sql
select date_trunc('day', started_at) as day, stream, sum(rejected) from reporting.stream_run
where rejected > 0 group by 1, 2 order by 1 desc;
```
"""


def as_markdown() -> str:
    """The page integration_hub/docs/views.md: every view with its columns, their types and what they mean."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [SCHEMA])
        rows = cursor.fetchall()
    lines, before = [HEAD], ""
    for view, about, column, kind, meaning in rows:
        if view != before:
            lines.append(f"\n## {SCHEMA}.{view}\n\n{about}\n\n| Column | Type | Meaning |\n|---|---|---|\n")
        lines.append(f"| {column} | {kind} | {meaning} |\n")
        before = view
    return "".join(lines)
