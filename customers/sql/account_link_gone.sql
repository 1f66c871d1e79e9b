-- One row less per ERP customer that is no longer there, and per account that it has left. Parameters: none.
delete from account_link l
where not exists (
    select from link_wanted w
    where w.erp_customer = l.erp_customer and coalesce(w.account, '') = coalesce(l.account, '')
)
