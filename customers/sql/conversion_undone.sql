-- One row less per conversion that a decision made which was taken back since: the account was no customer by it. One that
-- is a customer all the same is dated by the links that are left; one that other accounts were merged into keeps theirs.
-- Returns the customers whose days have to be put together anew. Parameters: as_of, zone, keys (only
-- by decisions about these ERP customers; null: all).
with undone as (
    select e.customer_id, e.merged_into_id, e.own, c.is_prospect or c.gone_at is not null as is_none
    from customer_conversion e
    join link_decision d on d.id = e.decision_id
    join customer c on c.id = e.customer_id
    where d.undone_at is not null and (%(keys)s::varchar[] is null or d.erp_customer = any(%(keys)s::varchar[]))
        and not exists (
            select from link_decision n
            where (n.erp_customer, n.account) = (d.erp_customer, d.account) and n.verdict = 'accept' and n.undone_at is null
        )
),
renewed as (
    -- decided once more for the same account: nothing happened to it
    update customer_conversion e
    set decision_id = n.id
    from link_decision d
    join link_decision n on (n.erp_customer, n.account) = (d.erp_customer, d.account)
    where d.id = e.decision_id and d.undone_at is not null and n.verdict = 'accept' and n.undone_at is null
        and (%(keys)s::varchar[] is null or d.erp_customer = any(%(keys)s::varchar[]))
),
removed as (
    delete from customer_conversion e
    using undone u
    where e.customer_id = u.customer_id and u.own is null and (u.is_none or u.merged_into_id is not null)
),
emptied as (
    update customer_conversion e
    set own = '{}', decision_id = null
    from undone u
    where e.customer_id = u.customer_id and u.own is not null
),
remaining as (
    select u.customer_id, r.first_order_on, r.first_opportunity_on,
        least(r.first_order_on, (
            select min((l.linked_at at time zone %(zone)s)::date) from account_link l where l.customer_id = u.customer_id
        )) as converted_on
    from undone u
    join rollup_customer r on r.customer_id = u.customer_id and r.as_of = %(as_of)s
    where u.own is null and u.merged_into_id is null and not u.is_none
),
dated as (
    update customer_conversion e
    set converted_on = n.converted_on, first_order_on = n.first_order_on,
        cause = case when n.converted_on = n.first_order_on then 'order' else 'link' end,
        first_opportunity_on = case
            when n.first_opportunity_on <= coalesce(n.first_order_on, 'infinity') then n.first_opportunity_on
        end,
        decision_id = (
            select min(d.id)
            from account_link l
            join link_decision d on d.erp_customer = l.erp_customer and d.verdict = 'accept' and d.undone_at is null
            where l.customer_id = e.customer_id
            having not exists (select from account_link o where o.customer_id = e.customer_id and o.method <> 'decided')
        )
    from remaining n
    where e.customer_id = n.customer_id
)
select merged_into_id from undone where merged_into_id is not null
union select customer_id from undone where own is not null
