-- The invoice lines of a product category in a period, newest first, with the number and the sum of all of them; for
-- the rest not by line, the invoices and what their lines leave. Same rule as category_figures.
-- Parameters: keys, start, end, category, no_product, not_by_line, most, skipped.
with invoice as (
    select i.key, i.number, i.revenue_on, i.currency, i.reporting_rate as rate, i.reporting_amount, i.revenue_amount
    from erp_invoice i
    where i.customer_id = any(%(keys)s) and i.deleted_at is null and i.reporting_amount is not null
        and i.revenue_on between %(start)s and %(end)s
),
line as (
    select i.key as invoice_key, i.number, i.revenue_on, i.currency, i.rate, n.key, n.position, n.text, n.net_amount,
        coalesce(nullif(p.category, ''), nullif(p.name, ''), nullif(p.sku, ''), %(no_product)s) as category,
        sum(n.net_amount) over (partition by n.invoice_id order by n.position, n.key) as running
    from invoice i
    join erp_invoice_line n on n.invoice_id = i.key
    left join erp_product p on p.key = n.product_id
    where i.rate is not null and n.deleted_at is null and n.kind not in ('text', 'down_payment')
        and n.net_amount is not null
),
counted as (
    select *, case
            when rate = 1 then net_amount
            else round(running * rate, 2) - round((running - net_amount) * rate, 2)
        end as counted
    from line
),
rest as (
    select i.key, i.number, i.revenue_on, i.currency, i.rate, i.revenue_amount,
        i.reporting_amount - coalesce(c.counted, 0) as counted
    from invoice i
    left join (select invoice_key, sum(counted) as counted from counted group by invoice_key) c on c.invoice_key = i.key
    where i.reporting_amount <> coalesce(c.counted, 0)
),
found as (
    select invoice_key, number, revenue_on, currency, rate, text, net_amount, counted, position, key
    from counted
    where category = %(category)s
    union all
    select key, number, revenue_on, currency, rate, '', revenue_amount, counted, null, key
    from rest
    where %(category)s = %(not_by_line)s
)
select invoice_key, number, revenue_on, currency, rate, text, net_amount, counted, count(*) over (),
    sum(counted) over ()
from found
order by revenue_on desc, invoice_key, position, key
limit %(most)s offset %(skipped)s
