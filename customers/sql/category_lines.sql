-- The invoice lines of a product category in a period, newest first, with the number and the sum of all of them; for
-- the rest not by line, the invoices and what their lines leave. Same rule as category_figures.
-- Parameters: keys, start, end, category, no_product, not_by_line, most, skipped.
-- begins with counted_lines,
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
