-- The days with an order of some ERP customers in a period, oldest first. Parameters: keys, start, end.
-- Jumps from day to day in the index of orders by day: a customer with many orders a day costs one step per day.
with recursive day as (
    select k.key, newest.ordered_on
    from unnest(%(keys)s::varchar[]) as k(key)
    cross join lateral (
        select o.ordered_on
        from erp_order o
        where o.customer_id = k.key and o.ordered_on between %(start)s::date and %(end)s::date and o.deleted_at is null
            and o.status not in ('quote', 'cancelled')
            and (%(companies)s::varchar[] is null or o.company_id = any(%(companies)s::varchar[]))
        order by o.ordered_on desc
        limit 1
    ) newest
    union all
    select d.key, earlier.ordered_on
    from day d
    cross join lateral (
        select o.ordered_on
        from erp_order o
        where o.customer_id = d.key and o.ordered_on >= %(start)s::date and o.ordered_on < d.ordered_on
            and o.deleted_at is null and o.status not in ('quote', 'cancelled')
            and (%(companies)s::varchar[] is null or o.company_id = any(%(companies)s::varchar[]))
        order by o.ordered_on desc
        limit 1
    ) earlier
)
select distinct ordered_on from day order by ordered_on
