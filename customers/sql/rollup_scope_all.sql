-- rollup_scope: one row per customer, those that just lost all they had, and those gone since that have figures of the day
-- or had a link then. Parameters: as_of.
create temporary table rollup_scope as
select id as customer_id from customer where gone_at is null
union select customer_id from relinked
union
select r.customer_id
from customer c
join rollup_customer r on r.customer_id = c.id
where c.gone_at is not null and r.as_of = %(as_of)s
union
select p.customer_id
from customer c
join account_link_period p on p.customer_id = c.id
where c.gone_at is not null
    and (p.valid_from is null or p.valid_from <= %(as_of)s) and (p.valid_to is null or p.valid_to > %(as_of)s)
