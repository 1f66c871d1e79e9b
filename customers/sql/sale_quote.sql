-- handover_quote: one row per quote of these customers' opportunities and Salesforce orders, and number by which an ERP
-- document may know it: its own number, which the ERP's document refers to, or the ERP's number of it (`is_erp`). Quotes
-- and orders of Salesforce are numbered alike, so that a number of both (`is_twice`) names neither.
-- Parameters: sale_quote_fields.
create temporary table handover_quote as
with quote as (
    select d.customer_id, q.key, q.opportunity_id, upper(btrim(q.number)) as number, q.custom_fields
    from handover_deal d
    join sf_quote q on q.opportunity_id = d.key and q.deleted_at is null
    union
    select s.customer_id, q.key, q.opportunity_id, upper(btrim(q.number)), q.custom_fields
    from handover_sale s
    join sf_quote q on q.key = s.quote_id and q.deleted_at is null
)
select q.customer_id, q.key, q.opportunity_id, q.number, false as is_erp,
    exists (select from handover_sale s where s.customer_id = q.customer_id and s.number = q.number) as is_twice
from quote q
where q.number <> ''
union
select q.customer_id, q.key, q.opportunity_id, upper(btrim(part)), true, false
from quote q
cross join unnest(%(sale_quote_fields)s::text[]) as field
cross join lateral regexp_split_to_table(coalesce(q.custom_fields ->> field, ''), '[,;\n]') as part
where btrim(part) <> ''
