-- handover_row: the rows of handover as they have to be; a won opportunity is judged by what remains of its orders
-- without the cancelled rest. Parameters: as_of, late_days, tolerance_share, tolerance_amount.
create temporary table handover_row as
with matched as (
    select n.opportunity_id, count(m.key) as orders,
        count(m.key) filter (where n.share_to > n.share_from) as own,
        count(m.key) filter (where n.state = 'proposed') as proposed, count(*) filter (where n.state = 'possible') as possible,
        sum(n.ordered) as ordered, count(m.key) filter (where n.ordered is null) as no_ordered,
        sum(n.cancelled) as cancelled,
        sum(n.delivered) as delivered, count(m.key) filter (where n.delivered is null) as no_delivered,
        sum(n.rate_effect) as rate_effect,
        sum(n.invoiced) as invoiced, count(m.key) filter (where n.invoiced is null) as no_invoiced,
        sum(n.paid) as paid, count(m.key) filter (where n.paid is null) as no_paid,
        min(m.ordered_on) as ordered_on, max(m.promised_on) as promised_on,
        min(m.first_delivered_on) as first_delivered_on, min(m.first_invoiced_on) as first_invoiced_on,
        case when bool_and(m.last_delivered_on is not null) filter (where m.key is not null)
            then max(m.last_delivered_on) end as last_delivered_on,
        case when bool_and(m.last_invoiced_on is not null) filter (where m.key is not null)
            then max(m.last_invoiced_on) end as last_invoiced_on,
        case when bool_and(m.paid_on is not null) filter (where m.key is not null) then max(m.paid_on) end as paid_on
    from handover_new n
    left join handover_money m on m.key = n.order_id and n.state <> 'possible'
    group by n.opportunity_id
),
told as (
    select d.key as opportunity_id, d.customer_id, d.is_won, d.close_on as closed_on, d.amount as won,
        -- an order of which a won opportunity has everything is not what a lost one became
        coalesce(case when d.is_won then m.orders else m.own end, 0)::int as orders,
        coalesce(m.proposed, 0)::int as proposed, coalesce(m.possible, 0)::int as possible,
        case when m.no_ordered > 0 then null else coalesce(m.ordered, 0) end as ordered,
        case when m.no_ordered > 0 then null else coalesce(m.cancelled, 0) end as cancelled,
        case when m.no_delivered > 0 then null else coalesce(m.delivered, 0) end as delivered,
        case when m.no_invoiced > 0 then null else coalesce(m.invoiced, 0) end as invoiced,
        case when m.no_invoiced > 0 or m.no_delivered > 0 then null else coalesce(m.rate_effect, 0) end as rate_effect,
        case when m.no_paid > 0 then null else coalesce(m.paid, 0) end as paid,
        m.ordered_on, m.promised_on, m.first_delivered_on, m.last_delivered_on, m.first_invoiced_on,
        m.last_invoiced_on, m.paid_on
    from handover_deal d
    left join matched m on m.opportunity_id = d.key
    where d.is_won or d.is_closed
)
select opportunity_id, customer_id,
    case
        when not is_won and orders > 0 then 'lost_ordered'
        when not is_won then 'lost'
        when orders = 0 and %(as_of)s - closed_on > %(late_days)s then 'no_order'
        when orders = 0 then 'waiting'
        when won is null or ordered is null then 'unknown'
        when abs(ordered - cancelled - won)
            > greatest(round(abs(won) * %(tolerance_share)s::numeric, 2), %(tolerance_amount)s::numeric)
            then 'differs'
        else 'agrees'
    end as standing,
    closed_on, won, orders, proposed, possible, ordered, cancelled, delivered, invoiced, rate_effect, paid,
    ordered_on, promised_on, first_delivered_on, last_delivered_on, first_invoiced_on, last_invoiced_on, paid_on,
    ordered_on - closed_on as days_to_order, promised_on - ordered_on as days_to_promise,
    first_delivered_on - ordered_on as days_to_first_delivery, last_delivered_on - ordered_on as days_to_last_delivery,
    first_invoiced_on - first_delivered_on as days_to_invoice, paid_on - last_invoiced_on as days_to_payment
from told
