-- handover_pair: one row per opportunity and order that a number in the opportunity names, or somebody confirmed. A quote
-- stands with the order that followed it. Parameters: order_fields, po_fields, quote_fields.
create temporary table handover_pair as
with wanted as (
    select 1 as rank, unnest(%(order_fields)s::text[]) as field
    union all select 2, unnest(%(po_fields)s::text[])
    union all select 3, unnest(%(quote_fields)s::text[])
),
named as (
    select d.customer_id, d.key, w.rank, upper(btrim(part)) as number
    from handover_deal d
    join wanted w on d.custom_fields ? w.field
    cross join lateral regexp_split_to_table(coalesce(d.custom_fields ->> w.field, ''), '[,;\n]') as part
    where btrim(part) <> ''
),
by_number as (
    select n.key as opportunity_id, o.key as order_id, n.rank
    from named n
    join handover_order o on o.customer_id = n.customer_id and o.number = n.number
    where n.rank in (1, 3)
    union all
    select n.key, o.key, n.rank
    from named n
    join handover_order o on o.customer_id = n.customer_id and o.reference = n.number
    where n.rank = 2
),
followed as (
    select opportunity_id, order_id, rank from by_number
    union all
    select b.opportunity_id, o.key, b.rank
    from by_number b
    join handover_order q on q.key = b.order_id and q.status = 'quote' and q.is_home
    join erp_document_link k on k.from_key = b.order_id and k.to_kind = 'order' and k.deleted_at is null
    join handover_order o on o.key = k.to_key and o.customer_id = q.customer_id
),
decided as (
    select distinct on (h.opportunity, h."order") h.opportunity as opportunity_id, h."order" as order_id, h.verdict
    from handover_decision h
    join handover_deal d on d.key = h.opportunity
    order by h.opportunity, h."order", h.id desc
),
every as (
    select opportunity_id, order_id, rank from followed
    union all
    select c.opportunity_id, c.order_id, 4
    from decided c
    join handover_deal d on d.key = c.opportunity_id
    join handover_order o on o.key = c.order_id and o.customer_id = d.customer_id
    where c.verdict = 'confirm'
)
select opportunity_id, order_id,
    case when min(rank) = 4 then 'confirmed' else 'stated' end as state,
    (array['order_number', 'po_number', 'quote_number', 'decision'])[min(rank)] as basis
from every
group by opportunity_id, order_id
