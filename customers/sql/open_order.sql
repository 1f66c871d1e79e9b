-- open_order: one row per order not delivered or not invoiced, with both shares of its amount; the amounts are null where
-- it has none in the reporting currency. Parameters: as_of.
create temporary table open_order as
with candidate as (
    select k.customer_id, o.key, o.status, o.net_amount, o.reporting_amount, o.reporting_rate,
        o.fully_delivered_on, o.shipped_on, o.promised_on, coalesce(o.promised_on, o.requested_on) as due_on,
        o.fully_delivered_on is null or o.fully_delivered_on > %(as_of)s as is_open,
        o.fully_invoiced_on is null or o.fully_invoiced_on > %(as_of)s as is_unbilled
    from rollup_key k
    join erp_order o on o.customer_id = k.key takes(k, order o.key)
    where o.deleted_at is null and o.status not in ('quote', 'cancelled') and o.ordered_on <= %(as_of)s
        and (%(companies)s::varchar[] is null or o.company_id = any(%(companies)s::varchar[]))
        and (o.fully_delivered_on is null or o.fully_delivered_on > %(as_of)s
            or o.fully_invoiced_on is null or o.fully_invoiced_on > %(as_of)s)
),
line as (
    select o.key as order_key, o.status, o.shipped_on, o.fully_delivered_on, l.key,
        -- an order without an amount in the reporting currency is counted, and its lines are in no amount either
        case when o.reporting_amount is not null then coalesce(o.reporting_rate, 0) end as rate,
        coalesce(l.quantity, 0) as quantity, coalesce(l.net_amount, 0) as net_amount, l.delivered_quantity,
        l.invoiced_quantity, l.cancelled, o.net_amount as order_net,
        -- services and charges are never shipped: only goods are late by themselves
        o.is_open and not l.cancelled and l.kind = 'goods' and l.quantity > 0
            and coalesce(l.promised_on, o.due_on) < %(as_of)s as is_due
    from candidate o
    join erp_order_line l on l.order_id = o.key
    where l.deleted_at is null and l.kind <> 'text'
),
shipped as (
    select l.key,
        coalesce(sum(d.quantity) filter (where h.status = 'shipped' and h.shipped_on <= %(as_of)s), 0) as quantity
    from line l
    join erp_delivery_line d on d.order_line_id = l.key and d.deleted_at is null
    join erp_delivery h on h.key = d.delivery_id and h.deleted_at is null and not h.is_return and h.status <> 'cancelled'
    group by l.key
),
billed as (
    select l.key, coalesce(sum(n.quantity) filter (where i.revenue_on <= %(as_of)s), 0) as quantity
    from line l
    join erp_invoice_line n on n.order_line_id = l.key and n.deleted_at is null
    join erp_invoice i on i.key = n.invoice_id and i.deleted_at is null and i.kind in ('invoice', 'receipt')
        and i.status not in ('draft', 'cancelled', 'reversed') and i.revenue_on is not null
    group by l.key
),
header_invoice as (
    -- invoices that name the order but none of its lines
    select o.key, min(i.revenue_on) as first_on
    from candidate o
    join erp_invoice i on i.order_id = o.key
    where i.deleted_at is null and i.kind in ('invoice', 'receipt')
        and i.status not in ('draft', 'cancelled', 'reversed') and i.revenue_on is not null
        and not exists (
            select from erp_invoice_line n
            where n.invoice_id = i.key and n.deleted_at is null and n.order_line_id is not null
        )
    group by o.key
),
progress as (
    select l.order_key, l.net_amount, l.quantity, l.is_due, l.rate, l.cancelled, l.order_net,
        case
            when s.key is not null then s.quantity
            when l.fully_delivered_on is null then coalesce(l.delivered_quantity, 0)
            else 0
        end as delivered_while_open,
        case
            when s.key is not null then s.quantity
            when l.fully_delivered_on <= %(as_of)s and (l.status <> 'closed' or l.shipped_on is not null) then l.quantity
            when l.fully_delivered_on is null or l.status = 'closed' then coalesce(l.delivered_quantity, 0)
            else 0
        end as delivered,
        case
            when b.key is not null then b.quantity
            when h.first_on <= %(as_of)s then greatest(l.quantity, coalesce(s.quantity, 0))
            when h.first_on is not null then 0
            else coalesce(l.invoiced_quantity, 0)
        end as billed
    from line l
    left join shipped s on s.key = l.key
    left join billed b on b.key = l.key
    left join header_invoice h on h.key = l.order_key
),
parts as (
    select order_key, net_amount, is_due, rate, cancelled, order_net,
        case
            when cancelled then 0
            when quantity > 0 then greatest(quantity - delivered_while_open, 0) / quantity
            else 1
        end as open_part,
        case when quantity > 0 and not cancelled then greatest(delivered - billed, 0) / quantity else 0 end
            as unbilled_part
    from progress
),
whole as (
    -- what the order's amount is made of: of cancelled lines too where it still holds them
    select order_key,
        case
            when sum(net_amount) = max(order_net) then sum(net_amount)
            else sum(net_amount) filter (where not cancelled)
        end as net_amount
    from parts
    group by order_key
    having bool_or(not cancelled) or sum(net_amount) = max(order_net)
),
share as (
    select w.order_key,
        case
            when w.net_amount <> 0 then sum(p.net_amount * open_part) / w.net_amount
            when max(open_part) > 0 then 1
            else 0
        end as open_share,
        case
            when w.net_amount <> 0 then sum(p.net_amount * unbilled_part) / w.net_amount
            when max(unbilled_part) > 0 then 1
            else 0
        end as unbilled_share,
        sum(round(p.net_amount * open_part * rate, 2)) filter (where is_due and open_part > 0) as late_amount,
        {{ // array_agg(round(p.net_amount * open_part * rate, 2)) filter (where is_due and open_part > 0)
            as late_amounts, }}
        count(*) filter (where is_due and open_part > 0) as late_count
    from whole w
    join parts p on p.order_key = w.order_key
    group by w.order_key, w.net_amount
),
shared as (
    select o.*, case when o.is_open then coalesce(s.open_share, 1) else 0 end as open_share,
        case
            when not o.is_unbilled then 0
            when s.order_key is not null then s.unbilled_share
            when o.fully_delivered_on <= %(as_of)s and coalesce(h.first_on > %(as_of)s, true) then 1
            else 0
        end as unbilled_share,
        s.late_amount, s.late_count {{ // , s.late_amounts }}
    from candidate o
    left join share s on s.order_key = o.key
    left join header_invoice h on h.key = o.key
),
counted as (
    select *,
        case when open_share = 1 then reporting_amount else round(reporting_amount * open_share, 2) end as open_amount,
        case when unbilled_share = 1 then reporting_amount else round(reporting_amount * unbilled_share, 2) end
            as unbilled_amount
    from shared
)
select whose(c.customer_id) as customer_id, key as order_id, promised_on, due_on, open_share,
    part(open_amount) as open_amount, part(unbilled_amount) as unbilled_amount,
    {{ late_amount // (select sum(part(each.amount)) from unnest(late_amounts) each (amount)) as late_amount }}, late_count
from counted c
parts_of(c)
