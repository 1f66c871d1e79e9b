-- Proposals fall away when their ERP customer is gone or has an account, or their account is gone; what is left of such a
-- customer is found anew once it is without an account. An account that an identifier linked still rests on its
-- proposal. Parameters: none.
with gone as (
    delete from link_proposal p
    where not exists (
            select from account_link l
            join erp_customer c on c.key = l.erp_customer and c.deleted_at is null
            where l.erp_customer = p.erp_customer and (l.status <> 'linked' or l.method = 'identifier')
        )
        or not exists (select from sf_account a where a.key = p.account and a.deleted_at is null)
    returning p.erp_customer
)
update match_record r set due = true from (select distinct erp_customer from gone) g
where r.side = 'e' and r.key = g.erp_customer and not r.due
