-- One row per customer of rollup_scope and month whose figures are new or differ. Parameters: none.
-- Sorted, so that the comparison is over before the first row is written: it would reread what it writes.
insert into rollup_customer_month (customer_id, month, revenue, invoice_count, order_intake, order_count)
select f.customer_id, f.month, f.revenue, f.invoice_count, f.order_intake, f.order_count
from month_figures f
where not exists (
    select from rollup_customer_month m
    where m.customer_id = f.customer_id and m.month = f.month
        and (m.revenue, m.invoice_count, m.order_intake, m.order_count)
        = (f.revenue, f.invoice_count, f.order_intake, f.order_count)
)
order by f.customer_id, f.month
on conflict (customer_id, month) do update
set revenue = excluded.revenue, invoice_count = excluded.invoice_count, order_intake = excluded.order_intake,
    order_count = excluded.order_count
