-- Views for people who ask the database itself. integration_hub/docs/views.md is made from the comments: manage.py reporting_views.
-- Names and meanings of columns stay; columns are added at the end. A migration that alters the type of a column used
-- here drops its view first and creates it again. This file belongs to its migration and is not edited afterwards.
create schema if not exists reporting;
comment on schema reporting is
'Views that stay as they are, for reading only; what a view shows is not narrowed to what a person may see on the pages.';

create view reporting.customer as
select
    c.id as customer_id,
    c.account,
    c.erp_customer,
    c.name,
    c.owner,
    c.city,
    c.country,
    c.industry,
    c.is_prospect,
    d.as_of,
    nullif(split_part(d.basis, ';', 1), '') as currency,
    f.computed_at,
    f.revenue_ytd as revenue_this_year,
    f.revenue_last_year,
    f.revenue_12m as revenue_12_months,
    f.order_intake_ytd as order_intake_this_year,
    f.open_orders_amount as open_orders,
    f.last_order_on,
    f.open_amount,
    f.overdue_amount,
    f.overdue_count as overdue_invoices,
    f.oldest_overdue_days,
    f.average_deal_size,
    f.days_to_pay,
    f.not_converted_count as documents_without_rate
from public.customer as c
left join lateral (
    select d.as_of, d.basis from public.rollup_day as d where d.current order by d.as_of desc limit 1
) as d on true
left join public.rollup_customer as f on f.customer_id = c.id and f.as_of = d.as_of
where c.gone_at is null;
comment on view reporting.customer is
'One row for each customer that is there, with its figures of the current day.';
comment on column reporting.customer.customer_id is
'Number of the customer; stays for ever.';
comment on column reporting.customer.account is
'Salesforce id of its account; null for an ERP customer without one.';
comment on column reporting.customer.erp_customer is
'Key of the ERP customer; null for an account, whose ERP customers stand in reporting.link.';
comment on column reporting.customer.name is
'Name.';
comment on column reporting.customer.owner is
'Salesforce id of the account''s owner; empty without an account.';
comment on column reporting.customer.city is
'City.';
comment on column reporting.customer.country is
'Country as the source writes it.';
comment on column reporting.customer.industry is
'Industry of the account.';
comment on column reporting.customer.is_prospect is
'Whether it is an account without ERP customer.';
comment on column reporting.customer.as_of is
'Day of the figures; null before the first roll-up.';
comment on column reporting.customer.currency is
'Currency of all amounts: the reporting currency at that day.';
comment on column reporting.customer.computed_at is
'When they were computed; null where the customer has none yet.';
comment on column reporting.customer.revenue_this_year is
'Amount in the currency of the row: net revenue of the fiscal year so far.';
comment on column reporting.customer.revenue_last_year is
'Amount in the currency of the row: net revenue of the fiscal year before.';
comment on column reporting.customer.revenue_12_months is
'Amount in the currency of the row: net revenue of the last 12 months.';
comment on column reporting.customer.order_intake_this_year is
'Amount in the currency of the row: orders received in the fiscal year so far.';
comment on column reporting.customer.open_orders is
'Amount in the currency of the row: what is ordered and not yet delivered.';
comment on column reporting.customer.last_order_on is
'Day of the last order; null without one.';
comment on column reporting.customer.open_amount is
'Amount in the currency of the row: receivables that are open.';
comment on column reporting.customer.overdue_amount is
'Amount in the currency of the row: receivables that are overdue.';
comment on column reporting.customer.overdue_invoices is
'Number of invoices that are overdue.';
comment on column reporting.customer.oldest_overdue_days is
'Days since the oldest of them was due; null without one.';
comment on column reporting.customer.average_deal_size is
'Amount in the currency of the row: average of the deals won in the last 12 months; null without any.';
comment on column reporting.customer.days_to_pay is
'Average days from invoice to payment in the last 12 months; null without payments.';
comment on column reporting.customer.documents_without_rate is
'Documents that are in no amount, because a rate, an amount or a day is missing.';

create view reporting.link as
select
    l.erp_customer,
    l.customer_id,
    l.account,
    l.status,
    l.method,
    l.detail,
    l.linked_at
from public.account_link as l;
comment on view reporting.link is
'One row for each ERP customer that is there: which customer it adds to, and why.';
comment on column reporting.link.erp_customer is
'Key of the ERP customer.';
comment on column reporting.link.customer_id is
'The customer that its documents add to: reporting.customer.';
comment on column reporting.link.account is
'Salesforce id of the account; null where it is not linked.';
comment on column reporting.link.status is
'linked, unlinked or conflict.';
comment on column reporting.link.method is
'decided, erp, salesforce, both, merged or identifier; for an unlinked one ignored, later or empty.';
comment on column reporting.link.detail is
'In words, what it was linked by, or why it is not.';
comment on column reporting.link.linked_at is
'Since when.';
