-- More views for people who ask the database itself: customers on past days. This file belongs to the migrations 0030 and
-- 0031 of customers and is not edited any more: what changes comes in a file of a further migration, new columns last.
create or replace view reporting.customer_day as
select
    f.customer_id,
    f.as_of,
    d.current as is_current,
    nullif(split_part(d.basis, ';', 1), '') as currency,
    f.computed_at,
    f.revenue_ytd as revenue_this_year,
    f.revenue_last_year,
    f.revenue_12m as revenue_12_months,
    f.order_intake_ytd as order_intake_this_year,
    f.open_orders_amount as open_orders,
    f.open_amount,
    f.overdue_amount,
    f.overdue_count as overdue_invoices,
    f.average_deal_size,
    f.days_to_pay,
    f.not_converted_count as documents_without_rate
from public.rollup_customer as f
join public.rollup_day as d on d.as_of = f.as_of
join public.customer as c on c.id = f.customer_id
-- As on the pages (customers/links_then.py): whoever left since was there, except where the day was computed by links
-- of today. The day of leaving is that of UTC here, as the database does not know where the company is.
where c.gone_at is null
or (not d.current and d.links_of is null and (c.gone_at at time zone 'UTC')::date > f.as_of);
comment on view reporting.customer_day is
'One row for each customer that was there on a stored day. Days that were packed are not in it: open one on the pages, or manage.py rollup --as-of, and it is.';
comment on column reporting.customer_day.customer_id is
'Number of the customer, as in reporting.customer; one that left since is not in that view.';
comment on column reporting.customer_day.as_of is
'The day.';
comment on column reporting.customer_day.is_current is
'Whether it is the day that pages show.';
comment on column reporting.customer_day.currency is
'Reporting currency of the amounts.';
comment on column reporting.customer_day.computed_at is
'When the figures were computed.';
comment on column reporting.customer_day.revenue_this_year is
'Amount in the currency of the row: net revenue of the fiscal year so far.';
comment on column reporting.customer_day.revenue_last_year is
'Amount in the currency of the row: net revenue of the fiscal year before.';
comment on column reporting.customer_day.revenue_12_months is
'Amount in the currency of the row: net revenue of the last 12 months.';
comment on column reporting.customer_day.order_intake_this_year is
'Amount in the currency of the row: orders received in the fiscal year so far.';
comment on column reporting.customer_day.open_orders is
'Amount in the currency of the row: what is ordered and not yet delivered.';
comment on column reporting.customer_day.open_amount is
'Amount in the currency of the row: receivables that are open.';
comment on column reporting.customer_day.overdue_amount is
'Amount in the currency of the row: receivables that are overdue.';
comment on column reporting.customer_day.overdue_invoices is
'Number of invoices that are overdue.';
comment on column reporting.customer_day.average_deal_size is
'Amount in the currency of the row: average of the deals won in the last 12 months; null without any.';
comment on column reporting.customer_day.days_to_pay is
'Average days from invoice to payment in the last 12 months; null without payments.';
comment on column reporting.customer_day.documents_without_rate is
'Documents that are in no amount, because a rate, an amount or a day is missing.';
