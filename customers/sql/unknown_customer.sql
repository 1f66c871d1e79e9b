-- One row when a touched ERP customer has no link yet. Parameters: none.
select 1
from derive_customer d
where not exists (select from account_link l where l.erp_customer = d.key)
limit 1
