-- handover_money: one row per matched order: net amounts in the reporting currency, null where unknown, and the days of
-- its steps. Amounts of documents are rounded as an order's page rounds them. Parameters: none.
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
    select order_id, case when bool_and(reporting_rate is not null)
        then sum(case when reporting_rate = 1 then net else round(net * reporting_rate, 2) end) end as amount,
        min(revenue_on) filter (where kind in ('invoice', 'receipt')) as first_on,
        max(revenue_on) filter (where kind in ('invoice', 'receipt')) as last_on,
        case when bool_and(settled_on is not null) filter (where kind in ('invoice', 'receipt'))
            then max(settled_on) filter (where kind in ('invoice', 'receipt')) end as settled_on
    from handover_bill
    group by order_id
)
select f.key, f.reporting_amount as ordered,
    f.reporting_amount
    + case when f.over = 1 then f.reporting_amount else round(f.reporting_amount * f.over, 2) end
    - case when f.still_open = 1 then f.reporting_amount else round(f.reporting_amount * f.still_open, 2) end
    - case when f.rest = 1 then f.reporting_amount else round(f.reporting_amount * f.rest, 2) end as delivered,
    case when b.order_id is null then 0 else b.amount end as invoiced,
    case when b.order_id is null then 0 else p.amount end as paid,
    f.ordered_on, f.promised_on, f.first_delivered_on, f.last_delivered_on, b.first_on as first_invoiced_on,
    case when f.is_delivered and f.is_invoiced then b.last_on end as last_invoiced_on,
    case when f.is_delivered and f.is_invoiced then b.settled_on end as paid_on
from handover_flow f
left join billed b on b.order_id = f.key
left join paid_sum p on p.order_id = f.key
