-- month_figures: one row per customer and month with revenue or orders up to the day; reporting currency; orders without a rate count and add nothing. Parameters: as_of.
create temporary table month_figures as
with revenue as (
    select whose(k.customer_id) as customer_id, date_trunc('month', i.revenue_on)::date as month,
        sum(part(i.reporting_amount)) as amount,
        count(*) as documents
    from rollup_key k
    join erp_invoice i on i.customer_id = k.key takes(k, invoice i.key)
    parts_of(k)
    where i.deleted_at is null and i.reporting_amount is not null and i.revenue_on <= %(as_of)s
        and (%(companies)s::varchar[] is null or i.company_id = any(%(companies)s::varchar[]))
    group by whose(k.customer_id), month
),
intake as (
    select whose(k.customer_id) as customer_id, date_trunc('month', o.ordered_on)::date as month,
        sum(part(o.reporting_amount)) as amount,
        count(*) as documents
    from rollup_key k
    join erp_order o on o.customer_id = k.key takes(k, order o.key)
    parts_of(k)
    where o.deleted_at is null and o.status not in ('quote', 'cancelled') and o.ordered_on <= %(as_of)s
        and (%(companies)s::varchar[] is null or o.company_id = any(%(companies)s::varchar[]))
    group by whose(k.customer_id), month
)
select coalesce(r.customer_id, o.customer_id) as customer_id, coalesce(r.month, o.month) as month,
    coalesce(r.amount, 0) as revenue, coalesce(r.documents, 0) as invoice_count,
    coalesce(o.amount, 0) as order_intake, coalesce(o.documents, 0) as order_count
from revenue r
full join intake o on o.customer_id = r.customer_id and o.month = r.month
