-- One row of handover_claim per candidate that is the nearest on both sides; where several are equally near, all of them
-- are possible and none is chosen. Parameters: none.
with nearest as (
    select sale_id, order_id, distance, min(distance) over (partition by sale_id) as of_sale,
        min(distance) over (partition by order_id) as of_order
    from sale_candidate
),
top as (
    select sale_id, order_id, count(*) over (partition by sale_id) as orders, count(*) over (partition by order_id) as sales
    from nearest
    where distance = of_sale and distance = of_order
)
insert into handover_claim (sale_id, order_id, is_quote, state, basis)
select sale_id, order_id, false, case when orders = 1 and sales = 1 then 'proposed' else 'possible' end, 'fit'
from top
