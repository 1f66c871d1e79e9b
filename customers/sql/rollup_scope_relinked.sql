-- rollup_scope: one row per customer to recompute after a decision: relinked, or without figures yet. Parameters: as_of,
-- customers (ids of those that it touched).
create temporary table rollup_scope as
select customer_id from relinked
union
select c.id
from customer c
where c.gone_at is null and c.id = any(%(customers)s::bigint[])
    and not exists (select from rollup_customer r where r.customer_id = c.id and r.as_of = %(as_of)s)
