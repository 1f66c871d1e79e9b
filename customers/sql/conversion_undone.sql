-- One row less per conversion that rests on a decision taken back since, on a rule that shares or on an identifier whose
-- links do not stand any more: the account was no customer by it. One that is a customer all the same is dated by the
-- links that are left; one that other accounts were merged into keeps theirs.
-- Returns the customers whose days have to be put together anew. Needs rollup_scope. Parameters: as_of, zone, keys (only
-- by links of these ERP customers; null: all).
with moved as (
    select customer_id from rollup_scope
    union
    select e.customer_id from rollup_scope s join customer_conversion e on e.merged_into_id = s.customer_id
    union
    -- in conflict until now, perhaps
    select customer_id from customer_conversion where unlinked_at is not null and %(keys)s::varchar[] is null
    union
    select c.id
    from link_event v
    join customer c on c.account = v.to_account
    where v.erp_customer = any(%(keys)s::varchar[])
),
parted as (
    -- The links that were made together with the stamp; those of stored keys leave no event.
    select e.customer_id
    from moved m
    join customer_conversion e on e.customer_id = m.customer_id
    join customer c on c.id = e.customer_id
    join sf_account a on a.key = c.account
    left join customer w on w.id = e.merged_into_id
    join link_event v on v.to_account = c.account and v.at = e.recorded_at
    where e.decision_id is null and e.own is distinct from '{}'
        -- a link to an account that is gone was not judged
        and (a.deleted_at is null or w.gone_at is null and w.id is not null)
    group by e.customer_id
    having bool_or(v.why in ('identifier', 'shared'))
        and bool_and(
            -- nor was one in conflict, or of an ERP customer that is gone
            exists (select from account_link l where l.erp_customer = v.erp_customer and l.status <> 'conflict')
            and not exists (
                select from account_link l
                where l.erp_customer = v.erp_customer and l.account in (c.account, w.account)
            )
        )
),
undone as (
    select e.customer_id, e.merged_into_id, e.own, c.is_prospect or c.gone_at is not null as is_none
    from parted p
    join customer_conversion e on e.customer_id = p.customer_id
    join customer c on c.id = e.customer_id
    union
    select e.customer_id, e.merged_into_id, e.own, c.is_prospect or c.gone_at is not null
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
    select u.customer_id, r.first_order_on, r.first_opportunity_on, l.linked_at,
        least(r.first_order_on, (l.linked_at at time zone %(zone)s)::date) as converted_on
    from undone u
    left join lateral (select min(o.linked_at) as linked_at from account_link o where o.customer_id = u.customer_id) l on true
    join rollup_customer r on r.customer_id = u.customer_id and r.as_of = %(as_of)s
    where u.own is null and u.merged_into_id is null and not u.is_none
),
dated as (
    update customer_conversion e
    -- recorded with the link that it rests on now
    set converted_on = n.converted_on, first_order_on = n.first_order_on,
        recorded_at = coalesce(n.linked_at, e.recorded_at),
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
