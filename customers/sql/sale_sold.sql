-- Rows of handover_pair that a Salesforce order of the opportunity gives it, or with `quotes` a quote of it. Where the
-- opportunity has orders already, and all that is named here are others, these are possible ones: none is chosen.
-- Parameters: quotes.
with named as (
    select s.opportunity_id, c.order_id, c.state, 'sf_order' as basis
    from handover_claim c
    join handover_sale s on s.key = c.sale_id
    where c.state in ('stated', 'confirmed') and not %(quotes)s
    union
    select q.opportunity_id, o.key, 'stated', 'sf_quote'
    from handover_quote q
    join handover_order o on o.customer_id = q.customer_id
        and case when q.is_erp then o.number else o.reference end = q.number
    where %(quotes)s and not q.is_twice
    union
    select q.opportunity_id, f.key, 'stated', 'sf_quote'
    from handover_quote q
    join handover_order o on o.customer_id = q.customer_id and o.status = 'quote'
        and case when q.is_erp then o.number else o.reference end = q.number
    join erp_document_link k on k.from_key = o.key and k.to_kind = 'order' and k.deleted_at is null
    join handover_order f on f.key = k.to_key and f.customer_id = o.customer_id
    where %(quotes)s and not q.is_twice
),
known as (
    select n.opportunity_id, n.order_id, n.basis, o.counts, min(n.state) as state
    from named n
    join handover_deal d on d.key = n.opportunity_id
    join handover_order o on o.key = n.order_id and o.customer_id = d.customer_id
    where not exists (
        select from (
            select h.verdict from handover_decision h
            where h.opportunity = n.opportunity_id and h."order" = n.order_id
            order by h.id desc limit 1
        ) newest
        where newest.verdict = 'refuse'
    )
    group by n.opportunity_id, n.order_id, n.basis, o.counts
),
beside as (
    select k.*, p.order_id is not null as there,
        bool_or(p.order_id is not null) over (partition by k.opportunity_id) as agrees
    from known k
    left join handover_pair p on p.opportunity_id = k.opportunity_id and p.order_id = k.order_id
        and p.state in ('stated', 'confirmed')
)
insert into handover_pair (opportunity_id, order_id, state, basis)
select b.opportunity_id, b.order_id, case when b.agrees or not h.has_orders then b.state else 'possible' end, b.basis
from beside b
cross join lateral (
    select count(*) > 0 as has_orders from handover_pair p
    where p.opportunity_id = b.opportunity_id and p.state in ('stated', 'confirmed')
) h
where (b.agrees or not h.has_orders or b.counts)
    and not exists (
        select from handover_pair p where p.opportunity_id = b.opportunity_id and p.order_id = b.order_id
    )
