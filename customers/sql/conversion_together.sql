-- One update per stamped customer that others were merged into or left again: the earliest days of its own stamp and of
-- all of theirs. What was its own is kept, so that nothing is lost when they leave; one that was stamped by their links
-- alone ("{}") goes with them. Parameters: customers (ids).
with recursive asked as (
    select id from unnest(%(customers)s::bigint[]) as given (id)
    union
    select e.merged_into_id
    from asked a
    join customer_conversion e on e.customer_id = a.id
    where e.merged_into_id is not null
),
below as (
    select id as winner, id from asked
    union
    select b.winner, e.customer_id from below b join customer_conversion e on e.merged_into_id = b.id
),
mine as (
    select e.customer_id, coalesce(e.own, jsonb_build_object(
        'converted_on', e.converted_on, 'known_before', e.known_before,
        'first_opportunity_on', e.first_opportunity_on, 'first_order_on', e.first_order_on
    )) as own
    from customer_conversion e
    where e.customer_id in (select id from below)
),
together as (
    select b.winner, count(*) > 1 or bool_and(b.id <> b.winner) as has_others,
        -- a customer of before without an order has no day, and only an order gives it one
        case when bool_or(p.converted_on is null) then min(p.first_order_on) else min(p.converted_on) end as converted_on,
        bool_or(p.known_before) as known_before, min(p.first_opportunity_on) as first_opportunity_on,
        min(p.first_order_on) as first_order_on
    from below b
    join mine m on m.customer_id = b.id
    cross join lateral jsonb_to_record(m.own)
        as p (converted_on date, known_before boolean, first_opportunity_on date, first_order_on date)
    where m.own <> '{}'
    group by b.winner
),
removed as (
    delete from customer_conversion e
    using asked a
    where e.customer_id = a.id and not exists (select from together t where t.winner = a.id)
)
update customer_conversion e
set own = case when t.has_others then m.own end, converted_on = t.converted_on, known_before = t.known_before,
    cause = case when t.converted_on = t.first_order_on then 'order' else 'link' end,
    first_opportunity_on = t.first_opportunity_on, first_order_on = t.first_order_on
from together t
join mine m on m.customer_id = t.winner
where e.customer_id = t.winner
