-- difference_scope: one row per customer whose values may differ otherwise than before: rolled up, or with an owner or
-- an ERP company that a publish wrote since the latest comparison, which touches no customer. Parameters: since (null:
-- none of these), everything (no rows: all are compared).
drop table if exists pg_temp.difference_scope;

create temporary table difference_scope on commit drop as
select customer_id from rollup_scope where not %(everything)s
union
select l.customer_id
from sf_user u
join sf_account a on a.owner_id = u.key
join account_link l on l.account = a.key
where u.synced_at >= %(since)s and not %(everything)s
union
select l.customer_id
from erp_company c
join erp_customer e on e.company_id = c.key
join account_link l on l.erp_customer = e.key
where c.synced_at >= %(since)s and not %(everything)s;

analyze difference_scope
