-- rollup_key: one row per ERP customer of a customer in rollup_scope. Parameters: none.
create temporary table rollup_key as
select l.erp_customer as key, l.customer_id
from rollup_scope s
join account_link l on l.customer_id = s.customer_id
