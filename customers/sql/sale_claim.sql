-- handover_claim: one row per Salesforce order and ERP order that belong together by handover_named. The strongest way
-- decides. Where a weaker way names other orders only, where several Salesforce orders name an ERP order in ways equally
-- strong, and where every order that one names is named more strongly by another, they are in conflict: all that is
-- named stands there and none counts. A quote of the ERP (`is_quote`) is no order, so it contradicts none.
-- Parameters: none.
create temporary table handover_claim as
with named as (
    select n.*, o.status = 'quote' as is_quote
    from handover_named n
    join handover_order o on o.key = n.order_id and o.is_home
),
ordered as (select sale_id, order_id, rank from named where not is_quote),
strongest as (select sale_id, min(rank) as rank from ordered group by sale_id),
chosen as (select n.* from ordered n join strongest t on t.sale_id = n.sale_id and t.rank = n.rank),
disagreeing as (
    select n.sale_id
    from ordered n
    join strongest t on t.sale_id = n.sale_id and t.rank > 0 and t.rank < n.rank
    left join chosen c on c.sale_id = n.sale_id and c.order_id = n.order_id
    group by n.sale_id, n.rank
    having count(c.order_id) = 0
),
claimed as (
    select *, min(rank) over (partition by order_id) as best from chosen
),
settled as (
    select sale_id, order_id, rank, best,
        count(*) filter (where rank = best) over (partition by order_id) as claimants,
        bool_or(rank = best) over (partition by sale_id) as has_own
    from claimed
),
judged as (
    select sale_id, order_id, rank, false as is_quote,
        case
            when rank = 0 then 'confirmed'
            when sale_id in (select sale_id from disagreeing) then 'conflict'
            when rank > best and has_own then 'left'
            when rank > best or claimants > 1 then 'conflict'
            else 'stated'
        end as state
    from settled
),
beside as (
    select sale_id, order_id, min(rank) as rank, false, 'conflict'
    from ordered n
    where sale_id in (select sale_id from disagreeing)
        and not exists (select from chosen c where c.sale_id = n.sale_id and c.order_id = n.order_id)
    group by sale_id, order_id
),
quotes as (
    select sale_id, order_id, min(rank) as rank, true, 'stated'
    from named
    where is_quote
    group by sale_id, order_id
),
every as (
    select * from judged where state <> 'left'
    union all select * from beside
    union all select * from quotes
)
select sale_id, order_id, is_quote, state,
    (array['decision', 'order_number', 'po_number', 'quote_number', 'sf_number'])[rank + 1] as basis
from every
