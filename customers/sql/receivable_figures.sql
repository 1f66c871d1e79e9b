-- receivable_figures: one row per customer with open items; reporting currency. Parameters: as_of, large_from (reporting
-- currency), due_soon_days.
create temporary table receivable_figures as
with item as (
    select k.customer_id, t.key, t.customer_id as erp_customer, t.invoice_id, t.due_on, t.amount, t.open_amount, t.dated_allocations, t.disputed, t.reporting_rate
    from rollup_key k
    join erp_open_item t on t.customer_id = k.key takes(k, open_item t.key)
    where t.deleted_at is null and (t.settled_on is null or t.settled_on > %(as_of)s)
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
    select t.customer_id, t.key, t.erp_customer, t.invoice_id, %(as_of)s - t.due_on as days_late, t.disputed,
        t.reporting_rate,
        case
            when t.dated_allocations then t.amount - coalesce(s.amount, 0)
            else coalesce(t.open_amount, t.amount)
        end as amount
    from item t
    left join settled s on s.key = t.key
),
counted as (
    select customer_id, key, erp_customer, invoice_id, days_late, disputed, amount,
        case when reporting_rate = 1 then amount else round(amount * reporting_rate, 2) end as counted
    from open
),
listed as (
    -- instalments of an invoice that is itself one of the documents without a rate: they are no documents beside it
    select distinct c.key
    from counted c
    join erp_invoice i on i.key = c.invoice_id and i.customer_id = c.erp_customer
    where c.counted is null and i.deleted_at is null and i.reporting_amount is null
        and i.status not in ('draft', 'cancelled') and i.kind <> 'down_payment'
        and coalesce(i.revenue_on <= %(as_of)s, true)
        and (%(companies)s::varchar[] is null or i.company_id = any(%(companies)s::varchar[]))
)
select whose(c.customer_id) as customer_id,
    sum(part(counted)) filter (where counted > 0) as open_amount,
    sum(part(counted)) filter (where counted < 0) as credits_amount,
    sum(part(counted)) filter (where counted > 0 and days_late > 0) as overdue_amount,
    -- what has no rate is in no amount, but it is owed
    count(*) filter (where coalesce(counted, amount) > 0 and days_late > 0) as overdue_count,
    max(days_late) filter (where coalesce(counted, amount) > 0 and days_late > 0) as oldest_overdue_days,
    sum(part(counted)) filter (where counted > 0 and days_late <= 0) as aging_not_due,
    sum(part(counted)) filter (where counted > 0 and days_late between 1 and 30) as aging_1_30,
    sum(part(counted)) filter (where counted > 0 and days_late between 31 and 60) as aging_31_60,
    sum(part(counted)) filter (where counted > 0 and days_late between 61 and 90) as aging_61_90,
    sum(part(counted)) filter (where counted > 0 and days_late > 90) as aging_over_90,
    sum(part(counted)) filter (where counted > 0 and days_late is null) as aging_no_due_date,
    sum(part(counted)) filter (where counted > 0 and disputed) as disputed_amount,
    sum(part(counted)) filter (where counted > 0 and not disputed and days_late between -%(due_soon_days)s and 0)
        as due_soon_amount,
    sum(part(counted)) filter (where counted > 0 and not disputed and coalesce(days_late < -%(due_soon_days)s, true))
        as due_later_amount,
    sum(part(counted)) filter (where counted > 0 and not disputed and days_late > 0 and counted < %(large_from)s)
        as overdue_small_amount,
    sum(part(counted)) filter (where counted > 0 and not disputed and days_late > 0 and counted >= %(large_from)s)
        as overdue_large_amount,
    count(*) filter (where counted is null and amount is distinct from 0 and b.key is null) as not_converted
from counted c
left join listed b on b.key = c.key
parts_of(c)
group by whose(c.customer_id)
