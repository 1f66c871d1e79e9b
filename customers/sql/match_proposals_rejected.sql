-- Proposals of pairs that were decided to be none fall away, also of a winner that the account was merged into; the next
-- best account takes the place. Parameters: rejected_of.
-- begins with rejected_pair
, gone as (
    delete from link_proposal p
    using (select distinct erp_customer, account from rejected_pair) j
    where p.erp_customer = j.erp_customer and p.account = j.account
    returning p.erp_customer
)
update match_record r set due = true from (select distinct erp_customer from gone) g
where r.side = 'e' and r.key = g.erp_customer and not r.due
