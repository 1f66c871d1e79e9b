-- category_figures: one row per customer and product category billed in the last 24 months, and one for what no line
-- bills; reporting currency. Needs invoice_figures. Parameters: periods, no_product, not_by_line.
create temporary table category_figures as
with line as (
    select k.customer_id, i.revenue_on, i.reporting_rate as rate, i.key as invoice_key, n.key, n.position, n.net_amount,
        coalesce(nullif(p.category, ''), nullif(p.name, ''), nullif(p.sku, ''), %(no_product)s) as category
    from rollup_key k
    join erp_invoice i on i.customer_id = k.key takes(k, invoice i.key)
    join erp_invoice_line n on n.invoice_id = i.key
    left join erp_product p on p.key = n.product_id
    where i.deleted_at is null and i.reporting_amount is not null and i.reporting_rate is not null
        and i.revenue_on between %(prior_12_months_start)s and %(last_12_months_end)s
        and (%(companies)s::varchar[] is null or i.company_id = any(%(companies)s::varchar[]))
        and n.deleted_at is null and n.kind not in ('text', 'down_payment') and n.net_amount is not null
),
counted as (
    {{
    select customer_id, category, revenue_on, net_amount as amount
    from line
    where rate = 1
    union all
    -- Rounding the running total leaves the lines of an invoice the sum that the invoice itself is rounded to.
    select customer_id, category, revenue_on,
        round(running * rate, 2) - round((running - net_amount) * rate, 2)
    from (
        select *, sum(net_amount) over (partition by invoice_key order by position, key) as running
        from line
        where rate <> 1
    ) foreign_line
    //
    -- The same of every currency: what the lines of an invoice add to each account makes what the invoice adds to it.
    select whose(l.customer_id) as customer_id, category, revenue_on, part(up_to) - part(before) as amount
    from (
        select *, case when rate = 1 then running else round(running * rate, 2) end as up_to,
            case when rate = 1 then running - net_amount else round((running - net_amount) * rate, 2) end as before
        from (
            select *, sum(net_amount) over (partition by invoice_key order by position, key) as running
            from line
        ) added
    ) l
    parts_of(l)
    }}
),
day as (
    select customer_id, category, revenue_on,
        sum(amount) filter (where revenue_on between %(last_12_months_start)s and %(last_12_months_end)s) as revenue_12m,
        sum(amount) filter (where revenue_on between %(prior_12_months_start)s and %(prior_12_months_end)s)
            as revenue_prior_12m,
        max(amount) > 0 as bought
    from counted
    group by customer_id, category, revenue_on
),
gap as (
    select customer_id, category,
        revenue_on - lag(revenue_on) over (partition by customer_id, category order by revenue_on) as days
    from day
    where bought
),
usual as (
    select customer_id, category, round(percentile_cont(0.5) within group (order by days)::numeric)::int as usual_gap
    from gap
    where days is not null
    group by customer_id, category
    having count(*) >= 2
),
category as (
    select customer_id, category, coalesce(sum(revenue_12m), 0) as revenue_12m,
        coalesce(sum(revenue_prior_12m), 0) as revenue_prior_12m,
        min(revenue_on) filter (where bought) as first_on, max(revenue_on) filter (where bought) as last_on
    from day
    group by customer_id, category
),
rest as (
    select f.customer_id, coalesce(f.revenue_12m, 0) - coalesce(sum(c.revenue_12m), 0) as revenue_12m,
        coalesce(f.revenue_prior_12m, 0) - coalesce(sum(c.revenue_prior_12m), 0) as revenue_prior_12m
    from invoice_figures f
    left join category c on c.customer_id = f.customer_id
    group by f.customer_id, f.revenue_12m, f.revenue_prior_12m
),
every as (
    select c.*, u.usual_gap
    from category c
    left join usual u on u.customer_id = c.customer_id and u.category = c.category
    union all
    select customer_id, %(not_by_line)s, revenue_12m, revenue_prior_12m, null, null, null
    from rest
    where revenue_12m <> 0 or revenue_prior_12m <> 0
)
-- Grouped once more, as a source may name a category like that rest.
select customer_id, category, sum(revenue_12m) as revenue_12m, sum(revenue_prior_12m) as revenue_prior_12m,
    min(first_on) as first_on, max(last_on) as last_on, max(usual_gap) as usual_gap
from every
group by customer_id, category
