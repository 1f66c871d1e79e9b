-- payment_figures: one row per customer that paid in the last 12 months; reporting currency. Parameters: last 12 months.
create temporary table payment_figures as
with paid as (
    select k.customer_id, a.allocated_on - coalesce(t.issued_on, i.issued_on) as days, a.allocated_on - t.due_on as days_late,
        case when t.reporting_rate = 1 then a.amount else round(a.amount * t.reporting_rate, 2) end as amount
    from rollup_key k
    join erp_open_item t on t.customer_id = k.key takes(k, open_item t.key)
    join erp_allocation a on a.open_item_id = t.key
    left join erp_invoice i on i.key = t.invoice_id
    where (%(companies)s::varchar[] is null or t.company_id = any(%(companies)s::varchar[]))
        and t.amount > 0 and a.deleted_at is null and a.credit_note_id is null
        and a.allocated_on between %(last_12_months_start)s and %(last_12_months_end)s
)
select whose(p.customer_id) as customer_id,
    sum(part(amount)) filter (where days is not null) as paid_amount_12m,
    sum(part(amount * days)) as paid_days_weighted_12m,
    sum(part(amount)) filter (where days_late is not null) as paid_due_amount_12m,
    sum(part(amount * days_late)) as late_days_weighted_12m
from paid p
parts_of(p)
where amount is not null
group by whose(p.customer_id)
