-- One row when an exact identifier was found for an unlinked ERP customer since the figures were computed, or one that links
-- was looked at since, or is gone. Parameters: none.
select 1
from link_proposal p
join account_link l on l.erp_customer = p.erp_customer
where p.certain and l.status = 'unlinked' and l.method <> 'ignored'
    and p.found_at > (select max(completed_at) from rollup_day where current)
union all
select 1
from account_link l
left join link_proposal p on p.erp_customer = l.erp_customer and p.account = l.account
where l.status = 'linked' and l.method = 'identifier'
    and (
        p.id is null or not p.certain and not p.shared
        or p.found_at > (select max(completed_at) from rollup_day where current)
    )
    -- its grounds are still to be looked at
    and not exists (select from match_record r where r.side = 'e' and r.key = l.erp_customer and r.due)
limit 1
