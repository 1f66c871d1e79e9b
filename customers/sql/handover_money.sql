-- handover_money: one row per matched order: net amounts in the reporting currency, null where unknown, and the days of
-- its steps. Amounts of documents are rounded as an order's page rounds them. `remains` is what was ordered without the
-- cancelled rest; `at_order` what was invoiced at the order's own rate, so that it is `delivered` where everything was
-- invoiced, whatever the rate of the invoice's day. Parameters: none.
create temporary table handover_money as
with running as (
    select *, sum(net * settled) filter (where settled is not null)
        over (partition by order_id, currency, whole order by key collate "C") as exact
    from handover_bill
),
cents as (
    -- rounded so that what was given out is at every step the rounded sum, as customers.pages.line_flow.Cents does
    select *, floor((round(exact, 10) + 0.005) * 100) / 100 as given from running where settled is not null
),
paid as (
    select order_id, key, reporting_rate,
        given - coalesce(lag(given) over (partition by order_id, currency, whole order by key collate "C"), 0) as amount
    from cents
),
paid_sum as (
    select order_id, case when bool_and(reporting_rate is not null)
        then sum(case when reporting_rate = 1 then amount else round(amount * reporting_rate, 2) end) end as amount
    from paid
    group by order_id
),
billed as (
    select b.order_id, case when bool_and(b.reporting_rate is not null)
        then sum(case when b.reporting_rate = 1 then b.net else round(b.net * b.reporting_rate, 2) end) end as amount,
        coalesce(sum(b.net) filter (where b.currency = f.currency), 0) as own,
        coalesce(sum(round(b.net * b.reporting_rate, 2)) filter (where b.currency <> f.currency), 0) as other,
        min(b.revenue_on) filter (where b.kind in ('invoice', 'receipt')) as first_on,
        max(b.revenue_on) filter (where b.kind in ('invoice', 'receipt')) as last_on,
        case when bool_and(b.settled_on is not null) filter (where b.kind in ('invoice', 'receipt'))
            then max(b.settled_on) filter (where b.kind in ('invoice', 'receipt')) end as settled_on
    from handover_bill b
    join handover_flow f on f.key = b.order_id
    group by b.order_id
),
moved as (
    select f.key, a.is_own,
        a.whole - case when f.rest = 1 then a.whole else round(a.whole * f.rest, 2) end as remains,
        a.whole
        + case when f.over = 1 then a.whole else round(a.whole * f.over, 2) end
        - case when f.still_open = 1 then a.whole else round(a.whole * f.still_open, 2) end
        - case when f.rest = 1 then a.whole else round(a.whole * f.rest, 2) end as delivered
    from handover_flow f
    cross join lateral (values (true, f.net_amount), (false, f.reporting_amount)) as a(is_own, whole)
)
select f.key, f.reporting_amount as ordered, r.remains, r.delivered,
    case when b.order_id is null then 0 else b.amount end as invoiced,
    case
        when b.order_id is null then 0
        when f.reporting_rate = 1 then b.amount
        else r.delivered - round((o.delivered - b.own) * f.reporting_rate, 2) + b.other
    end as at_order,
    case when b.order_id is null then 0 else p.amount end as paid,
    f.ordered_on, f.promised_on, f.first_delivered_on, f.last_delivered_on, b.first_on as first_invoiced_on,
    case when f.is_delivered and f.is_invoiced then b.last_on end as last_invoiced_on,
    case when f.is_delivered and f.is_invoiced then b.settled_on end as paid_on
from handover_flow f
join moved r on r.key = f.key and not r.is_own
join moved o on o.key = f.key and o.is_own
left join billed b on b.order_id = f.key
left join paid_sum p on p.order_id = f.key
