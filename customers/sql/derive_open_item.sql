-- One update per open item of derive_customer whose derived columns differ. Parameters: currency (reporting).
with scoped as (
    select t.key, t.issued_on, t.amount, t.open_amount, t.dated_allocations, i.reporting_rate as invoice_rate,
        i.currency as invoice_currency,
        -- a draft or void invoice asks for nothing
        coalesce(i.status in ('draft', 'cancelled'), false) as is_void,
        coalesce(nullif(t.currency, ''), i.currency, '') as currency,
        coalesce(t.issued_on, i.revenue_on, t.due_on) as day
    from derive_customer c
    join erp_open_item t on t.customer_id = c.key
    left join erp_invoice i on i.key = t.invoice_id and i.deleted_at is null
),
settled as (
    select a.open_item_id, sum(a.amount) as amount, max(a.allocated_on) as last_on
    from scoped t
    join erp_allocation a on a.open_item_id = t.key
    where a.deleted_at is null
    group by a.open_item_id
),
derived as (
    select t.key,
        case
            when t.is_void then date '0001-01-01'
            when t.dated_allocations and t.amount <> coalesce(s.amount, 0) then null
            when not t.dated_allocations and coalesce(t.open_amount, t.amount) <> 0 then null
            when coalesce(t.open_amount, t.amount) is null then null
            else coalesce(s.last_on, t.issued_on, date '0001-01-01')
        end as settled_on,
        case
            when t.currency = %(currency)s then 1
            when t.currency = t.invoice_currency then t.invoice_rate
            else own.rate
        end as reporting_rate
    from scoped t
    left join settled s on s.open_item_id = t.key
    left join lateral (
        select rate from reporting_rate
        where t.currency <> %(currency)s and currency = t.currency and valid_from <= t.day
        order by valid_from desc limit 1
    ) own on true
)
update erp_open_item t
set settled_on = d.settled_on, reporting_rate = d.reporting_rate
from derived d
where t.key = d.key
    and (t.settled_on, t.reporting_rate) is distinct from (d.settled_on, d.reporting_rate)
