-- unallocated_figures: one row per customer with payments that settled nothing at the day; reporting currency.
-- What a payment settled later was not settled then. Parameters: as_of.
create temporary table unallocated_figures as
with payment as (
    select k.customer_id, p.key, p.currency, p.unallocated_amount, p.reporting_rate
    from rollup_key k
    join erp_payment p on p.customer_id = k.key takes(k, payment p.key)
    where p.deleted_at is null and (p.settled_on is null or p.settled_on > %(as_of)s)
        and (p.paid_on is null or p.paid_on <= %(as_of)s)
        and (%(companies)s::varchar[] is null or p.company_id = any(%(companies)s::varchar[]))
),
later as (
    select p.key, sum(a.amount) as amount
    from payment p
    join erp_allocation a on a.payment_id = p.key
    join erp_open_item t on t.key = a.open_item_id
    where a.deleted_at is null and t.deleted_at is null and t.dated_allocations
        and t.currency = p.currency and t.currency <> '' and t.settled_on is distinct from date '0001-01-01'
        and greatest(a.allocated_on, t.issued_on) > %(as_of)s
    group by p.key
),
rest as (
    select p.customer_id, p.reporting_rate, coalesce(p.unallocated_amount, 0) + coalesce(l.amount, 0) as amount
    from payment p
    left join later l on l.key = p.key
),
counted as (
    select customer_id, amount,
        case when reporting_rate = 1 then amount else round(amount * reporting_rate, 2) end as counted
    from rest
)
select whose(c.customer_id) as customer_id, sum(part(counted)) as unallocated_amount,
    count(*) filter (where counted is null and amount <> 0) as not_converted
from counted c
parts_of(c)
group by whose(c.customer_id)
