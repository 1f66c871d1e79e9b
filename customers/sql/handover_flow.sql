-- handover_flow: one row per matched order: which parts of it are open, cancelled and over-delivered, by the rules of an
-- order's page (customers/pages/line_flow), and the days of its deliveries. Parameters: as_of.
create temporary table handover_flow as
with matched as (
    select o.key, o.status, o.currency, o.net_amount, o.reporting_rate, o.reporting_amount, o.ordered_on, o.promised_on,
        o.fully_delivered_on, o.fully_invoiced_on, coalesce(o.fully_delivered_on <= %(as_of)s, false) as is_delivered,
        coalesce(o.fully_delivered_on <= %(as_of)s, false) and (o.status <> 'closed' or o.shipped_on is not null)
            as shipped_whole
    from erp_order o
    where o.key in (
        select order_id from handover_share where matches and counts
        union
        select c.order_id
        from handover_claim c
        join handover_order w on w.key = c.order_id and w.counts
        where c.state in ('stated', 'confirmed', 'proposed')
    )
),
shipped as (
    select l.key,
        coalesce(sum(d.quantity) filter (where h.status = 'shipped' and h.shipped_on <= %(as_of)s), 0) as quantity
    from matched o
    join erp_order_line l on l.order_id = o.key and l.deleted_at is null
    join erp_delivery_line d on d.order_line_id = l.key and d.deleted_at is null
    join erp_delivery h on h.key = d.delivery_id and h.deleted_at is null and not h.is_return and h.status <> 'cancelled'
    group by l.key
),
line as (
    select o.key as order_key, o.net_amount as order_net, o.shipped_whole, l.cancelled,
        coalesce(l.net_amount, 0) as net, coalesce(l.quantity, 0) as wanted,
        not o.is_delivered and not l.cancelled as is_open,
        case
            when s.key is not null then s.quantity
            when not o.is_delivered and o.fully_delivered_on is not null then 0
            when o.shipped_whole and not l.cancelled then coalesce(l.quantity, 0)
            else coalesce(l.delivered_quantity, 0)
        end as delivered
    from matched o
    join erp_order_line l on l.order_id = o.key and l.deleted_at is null and l.kind <> 'text'
    left join shipped s on s.key = l.key
),
part as (
    select order_key, order_net, net, cancelled,
        case
            when wanted > 0 then case when is_open then greatest(wanted - delivered, 0) / wanted else 0 end
            when is_open then 1 else 0
        end as still_open,
        case when wanted > 0 then greatest(delivered - wanted, 0) / wanted else 0 end as over,
        case
            when wanted > 0 then case when is_open then 0 else greatest(wanted - delivered, 0) / wanted end
            when is_open or (shipped_whole and not cancelled) then 0 else 1
        end as rest,
        sum(net) over (partition by order_key) = order_net as held
    from line
),
counted as (
    select order_key, sum(net) as whole, sum(net * still_open) as open_net, sum(net * over) as over_net,
        sum(net * rest) as rest_net, max(still_open) as most_open, max(over) as most_over, max(rest) as most_rest
    from part
    where held or not cancelled
    group by order_key
),
named as (
    select l.order_id as order_key, d.delivery_id
    from matched o
    join erp_order_line l on l.order_id = o.key
    join erp_delivery_line d on d.order_line_id = l.key and d.deleted_at is null
    union
    select h.order_id, h.key from matched o join erp_delivery h on h.order_id = o.key
),
first as (
    select n.order_key, min(h.shipped_on) as on_day
    from named n
    join erp_delivery h on h.key = n.delivery_id
    where h.deleted_at is null and not h.is_return and h.status = 'shipped' and h.shipped_on <= %(as_of)s
    group by n.order_key
)
select o.key, o.currency, o.net_amount, o.reporting_rate, o.reporting_amount, o.ordered_on, o.promised_on, o.is_delivered,
    coalesce(o.fully_invoiced_on <= %(as_of)s, false) as is_invoiced,
    case when o.is_delivered then least(f.on_day, o.fully_delivered_on) else f.on_day end as first_delivered_on,
    case when o.is_delivered then o.fully_delivered_on end as last_delivered_on,
    case
        when c.order_key is null then case when o.is_delivered then 0 else 1 end
        when c.whole <> 0 then c.open_net / c.whole
        when c.most_open > 0 then 1 else 0
    end as still_open,
    case
        when c.order_key is null then 0
        when c.whole <> 0 then c.over_net / c.whole
        when c.most_over > 0 then 1 else 0
    end as over,
    case
        when c.order_key is null then case when not o.is_delivered or o.shipped_whole then 0 else 1 end
        when c.whole <> 0 then c.rest_net / c.whole
        when c.most_rest > 0 then 1 else 0
    end as rest
from matched o
left join counted c on c.order_key = o.key
left join first f on f.order_key = o.key
