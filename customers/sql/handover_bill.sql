-- handover_bill: one row per matched order and invoice that counts, with what it bills of the order and the settled part
-- of it, by the rules of an order's page (customers/pages/line_facts). Parameters: as_of.
create temporary table handover_bill as
with named as (
    select l.order_id, n.invoice_id, false as whole, sum(coalesce(n.net_amount, 0)) as net
    from handover_flow f
    join erp_order_line l on l.order_id = f.key
    join erp_invoice_line n on n.order_line_id = l.key and n.deleted_at is null
    group by l.order_id, n.invoice_id
    union all
    select i.order_id, i.key, true, coalesce(i.revenue_amount, i.net_amount, 0)
    from handover_flow f
    join erp_invoice i on i.order_id = f.key
    where not exists (
        select from erp_invoice_line n
        where n.invoice_id = i.key and n.deleted_at is null and n.order_line_id is not null
    )
),
billed as (
    select b.order_id, i.key, i.kind, i.status, i.currency, i.reporting_rate, i.revenue_on, b.whole, b.net,
        coalesce(i.revenue_amount, i.net_amount) as worth
    from named b
    join erp_invoice i on i.key = b.invoice_id
    left join erp_invoice r on r.key = i.reverses_id
    where i.deleted_at is null and i.status not in ('draft', 'cancelled', 'reversed') and i.kind <> 'down_payment'
        and coalesce(r.status, '') <> 'reversed' and i.revenue_on <= %(as_of)s
),
invoice as (select distinct key from billed),
allocated as (
    select t.key, sum(a.amount) as amount
    from invoice i
    join erp_open_item t on t.invoice_id = i.key and t.deleted_at is null
    join erp_allocation a on a.open_item_id = t.key and a.deleted_at is null
        and (a.allocated_on is null or a.allocated_on <= %(as_of)s)
    group by t.key
),
standing as (
    select i.key, sum(t.amount) as amount,
        sum(case
            when t.dated_allocations then t.amount - coalesce(a.amount, 0)
            else coalesce(t.open_amount, t.amount)
        end) as left_over,
        case when bool_and(t.settled_on <= %(as_of)s) then max(t.settled_on) end as settled_on
    from invoice i
    join erp_open_item t on t.invoice_id = i.key and t.deleted_at is null and t.amount is not null
    left join allocated a on a.key = t.key
    group by i.key
),
deducted as (
    select i.key, greatest(-sum(n.net_amount), 0) as amount
    from invoice i
    join erp_invoice_line n on n.invoice_id = i.key and n.deleted_at is null and n.kind = 'down_payment'
    group by i.key
),
stated as (
    select b.*, s.settled_on, coalesce(d.amount, 0) as deducted,
        coalesce((s.amount - s.left_over) / nullif(s.amount, 0), case when b.status = 'paid' then 1 end) as settled
    from billed b
    left join standing s on s.key = b.key
    left join deducted d on d.key = b.key
)
select order_id, key, kind, currency, reporting_rate, revenue_on, whole, net, settled_on,
    case
        -- the open items of a final invoice ask only for what was not paid in advance
        when deducted = 0 or coalesce(worth, 0) = 0 or worth < deducted then settled
        when worth = deducted then 1
        else (deducted + settled * (worth - deducted)) / worth
    end as settled
from stated
