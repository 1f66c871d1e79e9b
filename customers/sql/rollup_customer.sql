-- One row per customer of rollup_scope at the day, all measures in the reporting currency. Parameters: as_of, computed_at.
with delivery as (
    select whose(k.customer_id) as customer_id, count(*) as delivery_count
    from rollup_key k
    join erp_delivery d on d.customer_id = k.key takes(k, delivery d.key)
    parts_of(k)
    where d.deleted_at is null and (%(companies)s::varchar[] is null or d.company_id = any(%(companies)s::varchar[]))
    group by whose(k.customer_id)
),
listed_order as (
    select whose(k.customer_id) as customer_id, count(*) as listed_order_count,
        count(*) filter (
            where o.status not in ('quote', 'cancelled') and o.reporting_amount is null
                and coalesce(o.ordered_on <= %(as_of)s, true)
        ) as not_converted
    from rollup_key k
    join erp_order o on o.customer_id = k.key takes(k, order o.key)
    parts_of(k)
    where o.deleted_at is null and (%(companies)s::varchar[] is null or o.company_id = any(%(companies)s::varchar[]))
    group by whose(k.customer_id)
),
payment as (
    select whose(k.customer_id) as customer_id, count(*) as payment_count
    from rollup_key k
    join erp_payment y on y.customer_id = k.key takes(k, payment y.key)
    parts_of(k)
    where y.deleted_at is null and (%(companies)s::varchar[] is null or y.company_id = any(%(companies)s::varchar[]))
    group by whose(k.customer_id)
),
other_company as (
    select whose(k.customer_id) as customer_id from rollup_key k
    join erp_order x on x.customer_id = k.key takes(k, order x.key)
    parts_of(k)
    where x.deleted_at is null and %(companies)s::varchar[] is not null and (x.company_id = any(%(companies)s::varchar[])) is not true
    union all
    select whose(k.customer_id) as customer_id from rollup_key k
    join erp_delivery x on x.customer_id = k.key takes(k, delivery x.key)
    parts_of(k)
    where x.deleted_at is null and %(companies)s::varchar[] is not null and (x.company_id = any(%(companies)s::varchar[])) is not true
    union all
    select whose(k.customer_id) as customer_id from rollup_key k
    join erp_invoice x on x.customer_id = k.key takes(k, invoice x.key)
    parts_of(k)
    where x.deleted_at is null and %(companies)s::varchar[] is not null and (x.company_id = any(%(companies)s::varchar[])) is not true
    union all
    select whose(k.customer_id) as customer_id from rollup_key k
    join erp_payment x on x.customer_id = k.key takes(k, payment x.key)
    parts_of(k)
    where x.deleted_at is null and %(companies)s::varchar[] is not null and (x.company_id = any(%(companies)s::varchar[])) is not true
),
left_out as (
    select customer_id, count(*) as left_out_count
    from other_company
    group by customer_id
)
insert into rollup_customer (
    customer_id, as_of, computed_at,
    revenue_ytd, revenue_ytd_prior, revenue_last_year, revenue_year_before_last, revenue_12m, revenue_prior_12m,
    order_intake, order_intake_ytd, order_intake_last_year, order_intake_12m, orders_received, orders_received_count,
    order_count_12m, priced_order_count_12m, order_parts_12m, order_count, first_order_on, last_order_on,
    open_orders_amount, open_orders_count, late_orders_count, late_orders_amount, shipped_late_count,
    delivered_not_invoiced, order_gap_days, quiet_since, blocked_count, credit_used,
    late_lines_amount, late_lines_count,
    delivered_orders_12m, otif_count_12m, otif, delivered_orders_prior_12m, otif_count_prior_12m, otif_prior,
    open_amount, overdue_amount, overdue_count, oldest_overdue_days,
    aging_not_due, aging_1_30, aging_31_60, aging_61_90, aging_over_90, aging_no_due_date, credits_amount,
    disputed_amount, due_soon_amount, due_later_amount, overdue_small_amount, overdue_large_amount, unallocated_amount,
    paid_due_amount_12m, late_days_weighted_12m, days_late_paid,
    opportunity_count, first_opportunity_on, won_amount_12m, won_count_12m, paid_days_weighted_12m, paid_amount_12m,
    average_order_value, average_deal_size, days_to_pay, dso,
    not_converted_count, invoice_count, delivery_count,
    listed_order_count, payment_count, left_out_count
)
select s.customer_id, %(as_of)s, %(computed_at)s,
    coalesce(i.revenue_ytd, 0), coalesce(i.revenue_ytd_prior, 0), coalesce(i.revenue_last_year, 0),
    coalesce(i.revenue_year_before_last, 0), coalesce(i.revenue_12m, 0), coalesce(i.revenue_prior_12m, 0),
    coalesce(o.order_intake, 0), coalesce(o.order_intake_ytd, 0), coalesce(o.order_intake_last_year, 0),
    coalesce(o.order_intake_12m, 0), coalesce(o.orders_received, 0), coalesce(o.orders_received_count, 0),
    coalesce(o.order_count_12m, 0), coalesce(o.priced_order_count_12m, 0), coalesce(o.order_parts_12m, 0),
    coalesce(o.order_count, 0), o.first_order_on, o.last_order_on,
    coalesce(u.open_orders_amount, 0), coalesce(u.open_orders_count, 0), coalesce(u.late_orders_count, 0),
    coalesce(u.late_orders_amount, 0), coalesce(o.shipped_late_count, 0), coalesce(u.delivered_not_invoiced, 0),
    h.order_gap_days, h.quiet_since, coalesce(b.blocked_count, 0), b.credit_used,
    coalesce(u.late_lines_amount, 0), coalesce(u.late_lines_count, 0),
    coalesce(o.delivered_orders_12m, 0), coalesce(o.otif_count_12m, 0),
    round(o.otif_count_12m * 100.0 / nullif(o.delivered_orders_12m, 0), 1),
    coalesce(o.delivered_orders_prior_12m, 0), coalesce(o.otif_count_prior_12m, 0),
    round(o.otif_count_prior_12m * 100.0 / nullif(o.delivered_orders_prior_12m, 0), 1),
    coalesce(r.open_amount, 0), coalesce(r.overdue_amount, 0), coalesce(r.overdue_count, 0), r.oldest_overdue_days,
    coalesce(r.aging_not_due, 0), coalesce(r.aging_1_30, 0), coalesce(r.aging_31_60, 0), coalesce(r.aging_61_90, 0),
    coalesce(r.aging_over_90, 0), coalesce(r.aging_no_due_date, 0), coalesce(r.credits_amount, 0),
    coalesce(r.disputed_amount, 0), coalesce(r.due_soon_amount, 0), coalesce(r.due_later_amount, 0),
    coalesce(r.overdue_small_amount, 0), coalesce(r.overdue_large_amount, 0), coalesce(ua.unallocated_amount, 0),
    coalesce(p.paid_due_amount_12m, 0), coalesce(p.late_days_weighted_12m, 0),
    case when p.paid_due_amount_12m > 0 then round(p.late_days_weighted_12m / p.paid_due_amount_12m, 1) end,
    coalesce(d.opportunity_count, 0), d.first_opportunity_on, coalesce(d.won_amount_12m, 0), coalesce(d.won_count_12m, 0),
    coalesce(p.paid_days_weighted_12m, 0), coalesce(p.paid_amount_12m, 0),
    round(o.order_intake_12m / nullif(o.order_parts_12m, 0), 2),
    round(d.won_amount_12m / nullif(d.won_count_12m, 0), 2),
    case when p.paid_amount_12m > 0 then round(p.paid_days_weighted_12m / p.paid_amount_12m, 1) end,
    case when i.revenue_12m > 0 then round(coalesce(r.open_amount, 0) * 365 / i.revenue_12m, 1) end,
    coalesce(i.not_converted, 0) + coalesce(n.not_converted, 0) + coalesce(r.not_converted, 0)
        + coalesce(d.not_converted, 0) + coalesce(ua.not_converted, 0),
    coalesce(i.invoice_count, 0), coalesce(v.delivery_count, 0),
    coalesce(n.listed_order_count, 0), coalesce(y.payment_count, 0), coalesce(lo.left_out_count, 0)
from rollup_scope s
left join invoice_figures i on i.customer_id = s.customer_id
left join order_figures o on o.customer_id = s.customer_id
left join open_order_figures u on u.customer_id = s.customer_id
left join order_rhythm h on h.customer_id = s.customer_id
left join standing_figures b on b.customer_id = s.customer_id
left join receivable_figures r on r.customer_id = s.customer_id
left join payment_figures p on p.customer_id = s.customer_id
left join unallocated_figures ua on ua.customer_id = s.customer_id
left join deal_figures d on d.customer_id = s.customer_id
left join delivery v on v.customer_id = s.customer_id
left join listed_order n on n.customer_id = s.customer_id
left join payment y on y.customer_id = s.customer_id
left join left_out lo on lo.customer_id = s.customer_id
