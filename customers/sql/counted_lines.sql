-- counted_lines: the beginning of a statement about invoice lines, with what each counts; rounding the running total leaves
-- the lines of an invoice the sum that the invoice itself is rounded to. Parameters: keys, start, end, no_product.
with invoice as (
    select i.key, i.number, i.revenue_on, i.currency, i.reporting_rate as rate, i.reporting_amount, i.revenue_amount
    from erp_invoice i
    where i.customer_id = any(%(keys)s) and i.deleted_at is null and i.reporting_amount is not null
        and i.revenue_on between %(start)s and %(end)s
        and (%(companies)s::varchar[] is null or i.company_id = any(%(companies)s::varchar[]))
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
)
