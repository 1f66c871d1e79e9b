-- handover_share: handover_pair with the part, 0 to 1, that an opportunity has of an order: by the amounts of those that
-- share it, among won ones only where there is one. Parameters: none.
create temporary table handover_share as
with known as (
    select p.*, d.customer_id, d.close_on, d.amount as won, o.ordered_on, o.amount as ordered, o.counts,
        p.state <> 'possible' as matches, d.is_won,
        bool_or(d.is_won) filter (where p.state <> 'possible') over (partition by p.order_id) as some_won
    from handover_pair p
    join handover_deal d on d.key = p.opportunity_id
    join handover_order o on o.key = p.order_id and o.is_home
),
weighed as (
    select *, case when matches and (is_won or not some_won) then greatest(coalesce(won, 0), 0) else 0 end as weight,
        case when matches and (is_won or not some_won) then 1 else 0 end as one
    from known
),
summed as (
    select *, sum(weight) over (partition by order_id) as whole, sum(one) over (partition by order_id) as ones
    from weighed
),
evened as (
    select *, case when whole = 0 then one else weight end as part,
        case when whole = 0 then ones else whole end as total
    from summed
)
select opportunity_id, order_id, customer_id, state, basis, matches, counts, ordered_on - close_on as days_apart,
    ordered - won as difference,
    case when total = 0 then 0
        else round((sum(part) over before_it - part) / total, 10) end as share_from,
    case when total = 0 then 0 else round(sum(part) over before_it / total, 10) end as share_to
from evened
window before_it as (partition by order_id order by opportunity_id)
