-- sale_row: the rows of sales_order_standing as they have to be. Amounts agree within the tolerance in the reporting
-- currency, or in their own where it is the same: rates of different days are no difference of amounts. Parameters:
-- as_of, late_days, tolerance_share, tolerance_amount.
create temporary table sale_row as
with matched as (
    select n.sales_order_id, count(*) filter (where n.state in ('stated', 'confirmed', 'proposed') and o.counts) as orders,
        count(*) filter (where n.state in ('stated', 'confirmed') and o.status = 'cancelled') as void,
        count(*) filter (where n.state = 'proposed') as proposed, count(*) filter (where n.state = 'possible') as possible,
        count(*) filter (where n.state = 'conflict') as conflicts,
        sum(n.ordered) as ordered, sum(n.cancelled) as cancelled,
        count(*) filter (where n.state in ('stated', 'confirmed', 'proposed') and o.counts and n.ordered is null) as unknown,
        min(o.ordered_on) filter (where n.state in ('stated', 'confirmed', 'proposed') and o.counts) as ordered_on,
        sum(e.net_amount) filter (where n.ordered is not null) as own_ordered,
        bool_and(e.currency = s.currency) filter (where n.ordered is not null) as same_currency
    from sale_new n
    join handover_sale s on s.key = n.sales_order_id
    join handover_order o on o.key = n.order_id and o.is_home
    join erp_order e on e.key = n.order_id
    group by n.sales_order_id
),
told as (
    select s.key, s.customer_id, s.is_activated, s.since, s.amount, s.own_amount,
        coalesce(m.orders, 0)::int as orders, coalesce(m.void, 0)::int as void, coalesce(m.proposed, 0)::int as proposed,
        coalesce(m.possible, 0)::int as possible, coalesce(m.conflicts, 0)::int as conflicts,
        case when m.unknown > 0 then null else coalesce(m.ordered, 0) end as ordered,
        case when m.unknown > 0 then null else coalesce(m.cancelled, 0) end as cancelled,
        m.ordered_on, m.own_ordered, coalesce(m.same_currency and m.cancelled = 0, false) as same_currency,
        greatest(round(abs(s.amount) * %(tolerance_share)s::numeric, 2), %(tolerance_amount)s::numeric) as tolerance
    from handover_sale s
    left join matched m on m.sales_order_id = s.key
)
select key as sales_order_id, customer_id,
    case
        when conflicts > 0 then 'conflict'
        when not is_activated and orders > 0 then 'draft_ordered'
        when not is_activated then 'draft'
        when orders = 0 and void > 0 then 'cancelled'
        when orders = 0 and %(as_of)s - since > %(late_days)s then 'no_order'
        when orders = 0 then 'waiting'
        when amount is null or ordered is null then 'unknown'
        when abs(ordered - cancelled - amount) > tolerance
            and not (
                same_currency
                and abs(own_ordered - own_amount) <= round(abs(own_amount) * %(tolerance_share)s::numeric, 2)
            )
            then 'differs'
        else 'agrees'
    end as standing,
    since, amount, orders, proposed, possible, ordered, cancelled, ordered_on, ordered_on - since as days_to_order
from told
