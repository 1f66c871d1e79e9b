-- One row less per customer of rollup_scope and month that has nothing any more. Parameters: none.
delete from rollup_customer_month m
using rollup_scope s
where m.customer_id = s.customer_id
    and not exists (select from month_figures f where f.customer_id = m.customer_id and f.month = m.month)
