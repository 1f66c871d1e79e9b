-- One update per customer whose account was deleted or merged, or whose ERP customer left or was linked.
-- Parameters: keys and accounts (only their customers; null: all).
update customer c
set gone_at = now()
where c.gone_at is null
    and (
        %(keys)s::varchar[] is null or c.erp_customer = any(%(keys)s::varchar[]) or c.account = any(%(accounts)s::varchar[])
    )
    and not exists (select from sf_account a where a.key = c.account and a.deleted_at is null)
    and not exists (select from link_wanted w where w.erp_customer = c.erp_customer and w.account is null)
