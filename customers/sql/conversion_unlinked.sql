-- One update per stamped customer of rollup_scope that lost its last ERP customer, or has one again. Parameters: none.
update customer_conversion e
set unlinked_at = case when c.is_prospect then now() end
from rollup_scope s
join customer c on c.id = s.customer_id
where e.customer_id = s.customer_id and c.gone_at is null and c.is_prospect = (e.unlinked_at is null)
