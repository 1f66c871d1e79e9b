-- standing_figures: one row per customer with a blocked ERP customer or a credit limit. Parameters: as_of.
-- credit_used is what is open against the limit, in the limit's currency, by the rule of the open amount; of several ERP
-- customers the highest, of a shared one the whole. One that owes anything in another currency has none: two currencies are not added.
create temporary table standing_figures as
with standing as (
    select {{ // distinct on (c.key) }} k.customer_id, c.key, c.blocked, c.currency, case when c.credit_limit > 0 and c.currency <> '' then c.credit_limit end as credit_limit
    from rollup_key k
    join erp_customer c on c.key = k.key
    where c.deleted_at is null and (c.blocked or c.credit_limit > 0)
),
item as (
    select s.key as erp_customer, t.key, t.amount, t.open_amount, t.dated_allocations, t.reporting_rate,
        coalesce(nullif(t.currency, ''), i.currency, '') as currency
    from standing s
    join erp_open_item t on t.customer_id = s.key
    left join erp_invoice i on t.currency = '' and i.key = t.invoice_id and i.deleted_at is null
    where s.credit_limit is not null and t.deleted_at is null and (t.settled_on is null or t.settled_on > %(as_of)s)
        and (t.issued_on is null or t.issued_on <= %(as_of)s)
        and (%(companies)s::varchar[] is null or t.company_id = any(%(companies)s::varchar[]))
),
settled as (
    select t.key, sum(a.amount) as amount
    from item t
    join erp_allocation a on a.open_item_id = t.key
    where a.deleted_at is null and t.dated_allocations and (a.allocated_on is null or a.allocated_on <= %(as_of)s)
    group by t.key
),
open as (
    select t.erp_customer, t.currency,
        case
            when t.dated_allocations then t.amount - coalesce(s.amount, 0)
            else coalesce(t.open_amount, t.amount)
        end as amount
    from item t
    left join settled s on s.key = t.key
),
owed as (
    select o.erp_customer, sum(o.amount) as amount, bool_or(o.currency <> s.currency) as mixed
    from open o
    join standing s on s.key = o.erp_customer
    where o.amount > 0
    group by o.erp_customer
)
select {{ s.customer_id // w.customer_id }}, count(*) filter (where s.blocked) as blocked_count,
    max(round(coalesce(o.amount, 0) / s.credit_limit, 4)) filter (where o.mixed is not true) as credit_used
from standing s
left join owed o on o.erp_customer = s.key
{{ // join rollup_link w on w.key = s.key }}
group by {{ s.customer_id // w.customer_id }}
