-- order_rhythm: one row per customer with a rhythm. Parameters: as_of, quiet_gaps, quiet_days.
-- order_gap_days is the median of the days between one order and the next over the 24 months up to the day, rounded half
-- up; orders of one day are one, cancelled ones and quotes none, and three are the fewest that make a rhythm. A customer
-- is quiet from the first day that is more than quiet_gaps gaps and more than quiet_days days beyond one gap after its
-- last order.
create temporary table order_rhythm as
with ordered as (
    select distinct whose(k.customer_id) as customer_id, o.ordered_on
    from rollup_key k
    join erp_order o on o.customer_id = k.key takes(k, order o.key)
    parts_of(k)
    where o.deleted_at is null and o.status not in ('quote', 'cancelled')
        and o.ordered_on > %(as_of)s::date - interval '24 months' and o.ordered_on <= %(as_of)s
        and (%(companies)s::varchar[] is null or o.company_id = any(%(companies)s::varchar[]))
),
gap as (
    select customer_id, ordered_on, ordered_on - lag(ordered_on) over (partition by customer_id order by ordered_on) as days
    from ordered
),
usual as (
    select customer_id, round((percentile_cont(0.5) within group (order by days))::numeric)::integer as order_gap_days,
        max(ordered_on) as last_on
    from gap
    group by customer_id
    having count(*) >= 3
),
beyond as (
    select customer_id, order_gap_days,
        last_on + greatest(order_gap_days * %(quiet_gaps)s, order_gap_days + %(quiet_days)s) + 1 as quiet_since
    from usual
)
select customer_id, order_gap_days, case when quiet_since <= %(as_of)s then quiet_since end as quiet_since
from beyond
