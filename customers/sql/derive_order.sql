-- One update per order of derive_customer whose derived columns differ. Parameters: currency (reporting).
with scoped as (
    select o.key, o.source, o.status, o.ordered_on, o.shipped_on, o.currency, o.company_currency, o.exchange_rate,
        o.net_amount, o.gone_reason
    from derive_customer c
    join erp_order o on o.customer_id = c.key
),
line as (
    select l.order_id, l.key, l.kind, coalesce(l.quantity, 0) as quantity, l.net_amount, l.delivered_quantity,
        l.invoiced_quantity
    from scoped o
    join erp_order_line l on l.order_id = o.key
    where l.deleted_at is null and not l.cancelled and l.kind <> 'text'
),
shipped as (
    select l.key,
        coalesce(sum(d.quantity) filter (where h.status = 'shipped' and h.shipped_on is not null), 0) as quantity,
        max(h.shipped_on) filter (where h.status = 'shipped') as last_on
    from line l
    join erp_delivery_line d on d.order_line_id = l.key and d.deleted_at is null
    join erp_delivery h on h.key = d.delivery_id and h.deleted_at is null and not h.is_return and h.status <> 'cancelled'
    group by l.key
),
billed as (
    select l.key, coalesce(sum(n.quantity), 0) as quantity, max(i.revenue_on) as last_on
    from line l
    join erp_invoice_line n on n.order_line_id = l.key and n.deleted_at is null
    join erp_invoice i on i.key = n.invoice_id and i.deleted_at is null and i.kind in ('invoice', 'receipt')
        and i.status not in ('draft', 'cancelled', 'reversed') and i.revenue_on is not null
    group by l.key
),
header_delivery as (
    select h.order_id, max(h.shipped_on) as last_on,
        bool_and(h.status = 'shipped' and h.shipped_on is not null) as all_shipped
    from scoped o
    join erp_delivery h on h.order_id = o.key
    where h.deleted_at is null and not h.is_return and h.status <> 'cancelled'
    group by h.order_id
),
header_invoice as (
    -- invoices that name the order but none of its lines
    select i.order_id, min(i.revenue_on) as first_on
    from scoped o
    join erp_invoice i on i.order_id = o.key
    where i.deleted_at is null and i.kind in ('invoice', 'receipt')
        and i.status not in ('draft', 'cancelled', 'reversed') and i.revenue_on is not null
        and not exists (
            select from erp_invoice_line n
            where n.invoice_id = i.key and n.deleted_at is null and n.order_line_id is not null
        )
    group by i.order_id
),
progress as (
    select l.order_id, sum(l.net_amount) as net_amount, max(s.last_on) as last_on,
        bool_or(s.key is not null) as tracked,
        bool_or(l.delivered_quantity is not null) as stated,
        -- services and charges are never shipped: they are done with the last goods
        coalesce(
            bool_and(coalesce(s.quantity, l.delivered_quantity, 0) >= l.quantity)
                filter (where l.kind = 'goods' and l.quantity > 0),
            bool_and(coalesce(s.quantity, l.delivered_quantity, 0) >= l.quantity) filter (where l.quantity > 0),
            false
        ) as complete
    from line l
    left join shipped s on s.key = l.key
    group by l.order_id
),
delivered as (
    select o.*, coalesce(o.net_amount, p.net_amount) as amount, p.order_id is not null as has_lines,
        d.all_shipped, h.first_on as header_invoiced_on,
        case
            when o.status in ('quote', 'cancelled') then null
            when (p.tracked or p.stated) and p.complete then coalesce(p.last_on, o.shipped_on, d.last_on, o.ordered_on)
            when not coalesce(p.tracked or p.stated, false) and o.shipped_on is not null then o.shipped_on
            when not coalesce(p.tracked or p.stated, false) and d.all_shipped then d.last_on
            when o.status in ('done', 'closed') then coalesce(p.last_on, o.shipped_on, d.last_on, o.ordered_on)
        end as fully_delivered_on
    from scoped o
    left join progress p on p.order_id = o.key
    left join header_delivery d on d.order_id = o.key
    left join header_invoice h on h.order_id = o.key
),
unbilled as (
    select l.order_id, max(b.last_on) as last_on,
        bool_or(
            case
                when s.key is not null then s.quantity
                when o.fully_delivered_on is not null and (o.status <> 'closed' or o.shipped_on is not null) then l.quantity
                else coalesce(l.delivered_quantity, 0)
            end
            > case
                when b.key is not null then b.quantity
                when o.header_invoiced_on is not null then greatest(l.quantity, coalesce(s.quantity, 0))
                else coalesce(l.invoiced_quantity, 0)
            end
        ) filter (where l.quantity > 0) as some
    from delivered o
    join line l on l.order_id = o.key
    left join shipped s on s.key = l.key
    left join billed b on b.key = l.key
    group by l.order_id
),
derived as (
    select o.key, o.amount, o.ordered_on, o.fully_delivered_on,
        case
            when o.currency = %(currency)s then 1
            when o.company_currency = %(currency)s and o.exchange_rate > 0 then o.exchange_rate
            when o.exchange_rate > 0 and books.rate is not null then round(o.exchange_rate * books.rate, 10)
            else own.rate
        end as reporting_rate,
        case
            when o.status in ('quote', 'cancelled') then null
            -- its source forgets an order once all of it is invoiced, though what was seen last may say less
            when o.gone_reason = 'closed'
                then greatest(u.last_on, o.header_invoiced_on, o.fully_delivered_on, o.ordered_on)
            -- a source without invoices cannot say what is not invoiced
            when r.source is null then o.ordered_on
            when not o.has_lines and o.fully_delivered_on is null then o.ordered_on
            when not o.has_lines then o.header_invoiced_on
            when not coalesce(u.some, false) then greatest(u.last_on, o.header_invoiced_on, o.ordered_on)
        end as fully_invoiced_on
    from delivered o
    left join unbilled u on u.order_id = o.key
    left join reading_invoices r on r.source = o.source
    left join lateral (
        select rate from reporting_rate
        where o.currency <> %(currency)s and currency = o.currency and valid_from <= o.ordered_on
        order by valid_from desc limit 1
    ) own on true
    left join lateral (
        select rate from reporting_rate
        where o.company_currency <> %(currency)s and currency = o.company_currency and valid_from <= o.ordered_on
        order by valid_from desc limit 1
    ) books on true
),
rounded as (
    select key, reporting_rate, fully_delivered_on, fully_invoiced_on,
        case
            when ordered_on is null then null
            when amount = 0 then 0
            when reporting_rate = 1 then amount
            else round(amount * reporting_rate, 2)
        end as reporting_amount
    from derived
)
update erp_order o
set reporting_rate = d.reporting_rate, reporting_amount = d.reporting_amount,
    fully_delivered_on = d.fully_delivered_on, fully_invoiced_on = d.fully_invoiced_on
from rounded d
where o.key = d.key
    and (o.reporting_rate, o.reporting_amount, o.fully_delivered_on, o.fully_invoiced_on)
    is distinct from (d.reporting_rate, d.reporting_amount, d.fully_delivered_on, d.fully_invoiced_on)
