-- counted_lines: the beginning of a statement about invoice lines, with what each counts; rounding the running total leaves
-- the lines of an invoice the sum that the invoice itself is rounded to. Parameters: keys, start, end, no_product; where
-- rules share ERP customers also taken (keys of invoices), part_keys, parts_from and parts_to (of those divided).
with {{ //
part as (
    select * from unnest(%(part_keys)s::varchar[], %(parts_from)s::numeric[], %(parts_to)s::numeric[])
        as p (key, part_from, part_to)
),
}}
invoice as (
    select i.key, i.number, i.revenue_on, i.currency, i.reporting_rate as rate, i.revenue_amount,
        {{ i.reporting_amount // coalesce((
            select sum(
                case when p.part_to = 1 then i.reporting_amount else round(i.reporting_amount * p.part_to, 2) end
                - case when p.part_from = 0 then 0 else round(i.reporting_amount * p.part_from, 2) end
            )
            from part p
            where p.key = i.customer_id
        ), i.reporting_amount) as reporting_amount, i.customer_id }}
    from erp_invoice i
    where i.customer_id = any(%(keys)s) and i.deleted_at is null and i.reporting_amount is not null
        and i.revenue_on between %(start)s and %(end)s
        {{ // and i.key = any(%(taken)s::varchar[]) }}
        and (%(companies)s::varchar[] is null or i.company_id = any(%(companies)s::varchar[]))
),
line as (
    select i.key as invoice_key, i.number, i.revenue_on, i.currency, i.rate, n.key, n.position, n.text, n.net_amount,
        coalesce(nullif(p.category, ''), nullif(p.name, ''), nullif(p.sku, ''), %(no_product)s) as category,
        sum(n.net_amount) over (partition by n.invoice_id order by n.position, n.key) as running {{ // , i.customer_id }}
    from invoice i
    join erp_invoice_line n on n.invoice_id = i.key
    left join erp_product p on p.key = n.product_id
    where i.rate is not null and n.deleted_at is null and n.kind not in ('text', 'down_payment')
        and n.net_amount is not null
),
{{
counted as (
    select *, case
            when rate = 1 then net_amount
            else round(running * rate, 2) - round((running - net_amount) * rate, 2)
        end as counted
    from line
)
//
reported as (
    select *, case when rate = 1 then running else round(running * rate, 2) end as up_to,
        case when rate = 1 then running - net_amount else round((running - net_amount) * rate, 2) end as before
    from line
),
counted as (
    select r.*, coalesce((
            select sum(
                case when p.part_to = 1 then r.up_to - r.before else round(r.up_to * p.part_to, 2) - round(r.before * p.part_to, 2) end
                - case when p.part_from = 0 then 0 else round(r.up_to * p.part_from, 2) - round(r.before * p.part_from, 2) end
            )
            from part p
            where p.key = r.customer_id
        ), r.up_to - r.before) as counted
    from reported r
)
}}
