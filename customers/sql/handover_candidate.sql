-- handover_candidate: one row per closed opportunity and order, both without another one, whose amounts and days fit;
-- the smaller `distance` the better, won opportunities (rank 0) first.
-- Parameters: tolerance_share, tolerance_amount, days_before, days_after.
create temporary table handover_candidate as
with taken as (
    select p.opportunity_id, p.order_id
    from handover_pair p
    join handover_order o on o.key = p.order_id and o.counts
),
deal as (
    select d.customer_id, d.key, d.close_on, d.is_won, d.amount,
        greatest(round(d.amount * %(tolerance_share)s::numeric, 2), %(tolerance_amount)s::numeric) as tolerance
    from handover_deal d
    where (d.is_won or d.is_closed) and d.amount > 0 and d.key not in (select opportunity_id from taken)
),
fits as (
    select d.key as opportunity_id, o.key as order_id, case when d.is_won then 0 else 1 end as rank,
        abs(o.ordered_on - d.close_on) as days, abs(o.amount - d.amount) as difference, d.tolerance
    from deal d
    join handover_order o on o.customer_id = d.customer_id
        and o.ordered_on between d.close_on - %(days_before)s and d.close_on + %(days_after)s
    where o.counts and o.amount > 0 and abs(o.amount - d.amount) <= d.tolerance
        and o.key not in (select order_id from taken)
)
select f.opportunity_id, f.order_id, f.rank,
    round(f.days::numeric / greatest(%(days_before)s, %(days_after)s, 1), 6)
    + case when f.tolerance = 0 then 0 else round(f.difference / f.tolerance, 6) end as distance
from fits f
where not exists (
    select from (
        select h.verdict from handover_decision h
        where h.opportunity = f.opportunity_id and h."order" = f.order_id
        order by h.id desc limit 1
    ) newest
    where newest.verdict = 'refuse'
)
