-- rollup_scope: one row per customer of those given that was there at a past day, or has figures of it. Parameters: as_of,
-- customers (ids).
create temporary table rollup_scope as
select c.id as customer_id
from customer c
where c.id = any(%(customers)s::bigint[])
    and (
        c.gone_at is null
        or exists (select from rollup_customer r where r.customer_id = c.id and r.as_of = %(as_of)s)
        or exists (
            select from account_link_period p
            where p.customer_id = c.id
                and (p.valid_from is null or p.valid_from <= %(as_of)s) and (p.valid_to is null or p.valid_to > %(as_of)s)
        )
    )
