-- The proposals of changed accounts fall away. An ERP customer that had as many as there may be is due: the next best
-- account takes the place. Parameters: accounts (keys), most.
with full_lists as (
    select p.erp_customer
    from link_proposal p
    where p.erp_customer in (select erp_customer from link_proposal where account = any(%(accounts)s::text[]))
    group by p.erp_customer
    having count(*) >= %(most)s
),
due as (
    update match_record r set due = true from full_lists f where r.side = 'e' and r.key = f.erp_customer and not r.due
)
delete from link_proposal where account = any(%(accounts)s::text[])
