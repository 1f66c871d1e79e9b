-- One update per payment of derive_customer whose derived columns differ. Parameters: currency (reporting).
with scoped as (
    select p.key, p.currency, p.paid_on, p.unallocated_amount
    from derive_customer c
    join erp_payment p on p.customer_id = c.key
),
allocated as (
    select p.key, max(greatest(a.allocated_on, t.issued_on)) as last_on
    from scoped p
    join erp_allocation a on a.payment_id = p.key
    join erp_open_item t on t.key = a.open_item_id
    where a.deleted_at is null and t.deleted_at is null and t.dated_allocations
        and t.currency = p.currency and t.currency <> '' and t.settled_on is distinct from date '0001-01-01'
    group by p.key
),
derived as (
    select p.key,
        case when coalesce(p.unallocated_amount, 0) = 0 then coalesce(l.last_on, date '0001-01-01') end as settled_on,
        case when p.currency = %(currency)s then 1 else own.rate end as reporting_rate
    from scoped p
    left join allocated l on l.key = p.key
    left join lateral (
        select rate from reporting_rate
        where p.currency <> %(currency)s and currency = p.currency and valid_from <= p.paid_on
        order by valid_from desc limit 1
    ) own on true
)
update erp_payment p
set settled_on = d.settled_on, reporting_rate = d.reporting_rate
from derived d
where p.key = d.key
    and (p.settled_on, p.reporting_rate) is distinct from (d.settled_on, d.reporting_rate)
