-- Proposals fall away when their ERP customer is gone or has an account, or their account is gone; what is left of such a
-- customer is found anew once it is without an account. An account that an identifier linked still rests on its
-- proposal. Asked from the side of what is gone or linked, as in a publish that concerns no proposal the many proposals
-- are not read. Parameters: none.
with pointless as (
    select p.id
    from account_link l
    join link_proposal p on p.erp_customer = l.erp_customer
    where l.status = 'linked' and l.method <> 'identifier'
    union
    select p.id
    from erp_customer c
    join link_proposal p on p.erp_customer = c.key
    where c.deleted_at is not null
    union
    select p.id
    from sf_account a
    join link_proposal p on p.account = a.key
    where a.deleted_at is not null
),
gone as (
    delete from link_proposal p using pointless g where p.id = g.id
    returning p.erp_customer
)
update match_record r set due = true from (select distinct erp_customer from gone) g
where r.side = 'e' and r.key = g.erp_customer and not r.due
