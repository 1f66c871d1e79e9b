-- One row less per ERP customer that is no longer there, and per account that it has left. Parameters: keys (only
-- these ERP customers; null: all).
delete from account_link l
where not exists (
    select from link_wanted w
    where w.erp_customer = l.erp_customer and coalesce(w.account, '') = coalesce(l.account, '')
)
    and (%(keys)s::varchar[] is null or l.erp_customer = any(%(keys)s::varchar[]))
