-- One row of handover_pair per candidate that is the nearest on both sides; where several are equally near, all of them
-- are possible and none is chosen. Parameters: rank.
with nearest as (
    select opportunity_id, order_id, distance, min(distance) over (partition by opportunity_id) as of_deal,
        min(distance) over (partition by order_id) as of_order
    from handover_candidate
    where rank = %(rank)s
),
top as (
    select opportunity_id, order_id, count(*) over (partition by opportunity_id) as orders,
        count(*) over (partition by order_id) as deals
    from nearest
    where distance = of_deal and distance = of_order
)
insert into handover_pair (opportunity_id, order_id, state, basis)
select opportunity_id, order_id, case when orders = 1 and deals = 1 then 'proposed' else 'possible' end, 'fit'
from top
