-- rollup_scope: one row per customer to recompute: touched, relinked, or without figures yet. Parameters: as_of.
create temporary table rollup_scope as
select customer_id from relinked
union select l.customer_id from touched_customer t join account_link l on l.erp_customer = t.key
union select c.id from touched_account t join customer c on c.account = t.key
union
select c.id
from customer c
where c.gone_at is null
    and not exists (select from rollup_customer r where r.customer_id = c.id and r.as_of = %(as_of)s)
