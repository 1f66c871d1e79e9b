-- The view of Salesforce orders for people who ask the database itself; see reporting_views.sql for what holds of all.
-- This file belongs to its migration and is not edited afterwards.
create view reporting.salesforce_order as
select
    s.sales_order_id as salesforce_order,
    o.number,
    s.customer_id,
    o.opportunity_id as opportunity,
    s.standing,
    s.since,
    s.amount,
    s.orders,
    s.ordered,
    s.cancelled,
    s.ordered_on
from public.sales_order_standing as s
join public.sf_order as o on o.key = s.sales_order_id;
comment on view reporting.salesforce_order is
'One row for each Salesforce order that is followed: how it stands against the orders of the ERP.';
comment on column reporting.salesforce_order.salesforce_order is
'Salesforce id of the order.';
comment on column reporting.salesforce_order.number is
'Its number in Salesforce.';
comment on column reporting.salesforce_order.customer_id is
'The customer: reporting.customer.';
comment on column reporting.salesforce_order.opportunity is
'Salesforce id of its opportunity; null without one.';
comment on column reporting.salesforce_order.standing is
'draft, draft_ordered, waiting, no_order, conflict, cancelled, differs, agrees or unknown.';
comment on column reporting.salesforce_order.since is
'Day of its activation, or its start date.';
comment on column reporting.salesforce_order.amount is
'Net amount in the reporting currency, less what reduction orders take back; null where it is unknown.';
comment on column reporting.salesforce_order.orders is
'How many orders of the ERP it became.';
comment on column reporting.salesforce_order.ordered is
'Net amount of these in the reporting currency; null where it is unknown.';
comment on column reporting.salesforce_order.cancelled is
'The part of it that is cancelled, or left over of a closed order.';
comment on column reporting.salesforce_order.ordered_on is
'Day of the first of them; null without any.';
