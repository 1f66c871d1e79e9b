-- One row per ERP customer whose link is new or differs. Parameters: none.
-- Sorted, so that the comparison is over before the first row is written: it would reread what it writes.
with wanted as (
    select w.erp_customer, coalesce(a.id, o.id) as customer_id, w.account, w.status, w.method, w.detail
    from link_wanted w
    left join customer a on a.account = w.account
    left join customer o on w.account is null and o.erp_customer = w.erp_customer
)
insert into account_link as l (erp_customer, customer_id, account, status, method, detail, linked_at)
select erp_customer, customer_id, account, status, method, detail, now()
from wanted w
where not exists (
    select from account_link s
    where s.erp_customer = w.erp_customer
        and (s.customer_id, s.account, s.status, s.method, s.detail)
        is not distinct from (w.customer_id, w.account, w.status, w.method, w.detail)
)
order by erp_customer
on conflict (erp_customer) do update
set customer_id = excluded.customer_id, account = excluded.account, status = excluded.status,
    method = excluded.method, detail = excluded.detail,
    linked_at = case when l.customer_id = excluded.customer_id then l.linked_at else excluded.linked_at end
