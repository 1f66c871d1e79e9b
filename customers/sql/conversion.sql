-- One row per customer of rollup_scope whose account has its first ERP customer. Parameters: as_of, zone.
-- It was a customer before where nobody saw the first link: the link is older than this publish, or none of its sources
-- had links before, or identifiers alone link it on the first day of an installation, when all is compared. A link that was taken away and given back the same day is as old as its period says.
with known as materialized (
    select s.source
    from (
        select distinct split_part(l.erp_customer, ':', 1) as source
        from rollup_scope r
        join account_link l on l.customer_id = r.customer_id
    ) s
    -- the first one found is enough
    where (
        select true from account_link o
        where o.account is not null and o.linked_at < now() and split_part(o.erp_customer, ':', 1) = s.source
        limit 1
    )
),
told as (
    select c.id as customer_id, r.first_order_on, r.first_opportunity_on,
        exists (select from account_link l where l.customer_id = c.id and l.linked_at < now())
            or not exists (
                select from account_link l
                where l.customer_id = c.id and split_part(l.erp_customer, ':', 1) in (select source from known)
            )
            or not exists (select from account_link l where l.customer_id = c.id and l.method <> 'identifier')
                and not exists (
                    select from rollup_day d
                    where d.as_of < %(as_of)s and (d.completed_at at time zone %(zone)s)::date <= d.as_of
                ) as known_before,
        coalesce(
            (select min(p.valid_from) from account_link_period p where p.customer_id = c.id and p.valid_to is null),
            %(as_of)s::date
        ) as linked_on,
        case
            when not exists (select from account_link l where l.customer_id = c.id and l.method <> 'decided') then (
                select min(d.id)
                from account_link l
                join link_decision d on d.erp_customer = l.erp_customer and d.verdict = 'accept' and d.undone_at is null
                where l.customer_id = c.id
            )
        end as decision_id
    from rollup_scope s
    join customer c on c.id = s.customer_id
    join rollup_customer r on r.customer_id = c.id and r.as_of = %(as_of)s
    where c.account is not null and c.gone_at is null and not c.is_prospect
        and not exists (select from customer_conversion e where e.customer_id = c.id)
),
dated as (
    select *, least(first_order_on, case when not known_before then linked_on end) as converted_on
    from told
)
insert into customer_conversion (
    customer_id, converted_on, cause, known_before, first_opportunity_on, first_order_on, recorded_at, decision_id
)
select customer_id, converted_on, case when converted_on = first_order_on then 'order' else 'link' end, known_before,
    case when first_opportunity_on <= coalesce(first_order_on, 'infinity') then first_opportunity_on end,
    first_order_on, now(), decision_id
from dated
order by customer_id
