-- rollup_key: one row per ERP customer of a customer in rollup_scope, by the links of the day. Parameters: as_of.
create temporary table rollup_key as
select p.erp_customer as key, p.customer_id
from rollup_scope s
join account_link_period p on p.customer_id = s.customer_id
where (p.valid_from is null or p.valid_from <= %(as_of)s) and (p.valid_to is null or p.valid_to > %(as_of)s)
