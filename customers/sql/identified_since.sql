-- One row when an exact identifier was found for an unlinked ERP customer since the figures were computed. Parameters: none.
select 1
from link_proposal p
join account_link l on l.erp_customer = p.erp_customer
where p.certain and l.status = 'unlinked' and l.method <> 'ignored'
    and p.found_at > (select max(completed_at) from rollup_day where current)
limit 1
