-- handover_named: one row per Salesforce order, ERP order of the same customer and way in which one names the other:
-- 0 somebody confirmed it, 1 the ERP's number stands in the Salesforce order, 2 the PO number, 3 the quote's number,
-- 4 the ERP refers to the Salesforce order's number. What was refused is left out. An ERP quote stands with the order
-- that followed it. Parameters: sale_order_fields.
create temporary table handover_named as
with stated as (
    select s.customer_id, s.key, upper(btrim(part)) as number
    from handover_sale s
    cross join lateral (
        select s.reference as text
        union all
        select s.custom_fields ->> field from unnest(%(sale_order_fields)s::text[]) as field
    ) given
    cross join lateral regexp_split_to_table(coalesce(given.text, ''), '[,;\n]') as part
    where btrim(part) <> ''
),
by_number as (
    select n.key as sale_id, o.key as order_id, 1 as rank
    from stated n
    join handover_order o on o.customer_id = n.customer_id and o.number = n.number
    union
    select s.key, o.key, 2
    from handover_sale s
    join handover_order o on o.customer_id = s.customer_id and o.reference = s.po
    where s.po <> ''
    union
    select s.key, o.key, 3
    from handover_sale s
    join handover_quote q on q.key = s.quote_id and q.customer_id = s.customer_id and not q.is_twice
    join handover_order o on o.customer_id = s.customer_id
        and case when q.is_erp then o.number else o.reference end = q.number
    union
    select s.key, o.key, 4
    from handover_sale s
    join handover_order o on o.customer_id = s.customer_id and o.reference = s.number
    where s.number <> ''
        and not exists (
            select from handover_quote q where q.customer_id = s.customer_id and q.number = s.number and q.is_twice
        )
),
followed as (
    select sale_id, order_id, rank from by_number
    union
    select b.sale_id, o.key, b.rank
    from by_number b
    join handover_order q on q.key = b.order_id and q.status = 'quote'
    join erp_document_link k on k.from_key = b.order_id and k.to_kind = 'order' and k.deleted_at is null
    join handover_order o on o.key = k.to_key and o.customer_id = q.customer_id
),
decided as (
    select distinct on (h.opportunity, h."order") h.opportunity as sale_id, h."order" as order_id, h.verdict
    from handover_decision h
    join handover_sale s on s.key = h.opportunity
    order by h.opportunity, h."order", h.id desc
)
select f.sale_id, f.order_id, f.rank
from followed f
where not exists (
    select from decided d where d.sale_id = f.sale_id and d.order_id = f.order_id and d.verdict = 'refuse'
)
union
select d.sale_id, d.order_id, 0
from decided d
join handover_sale s on s.key = d.sale_id
join handover_order o on o.key = d.order_id and o.customer_id = s.customer_id
where d.verdict = 'confirm'
