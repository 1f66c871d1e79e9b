-- order_figures: one row per customer with orders; reporting currency. Parameters: as_of, periods.
create temporary table order_figures as
select whose(k.customer_id) as customer_id,
    sum(part(o.reporting_amount)) as orders_received,
    count(*) as orders_received_count,
    sum(part(o.reporting_amount)) filter (where o.status <> 'cancelled') as order_intake,
    sum(part(o.reporting_amount)) filter (
        where o.status <> 'cancelled' and o.ordered_on between %(year_to_date_start)s and %(year_to_date_end)s
    ) as order_intake_ytd,
    sum(part(o.reporting_amount)) filter (
        where o.status <> 'cancelled' and o.ordered_on between %(last_year_start)s and %(last_year_end)s
    ) as order_intake_last_year,
    sum(part(o.reporting_amount)) filter (
        where o.status <> 'cancelled' and o.ordered_on between %(last_12_months_start)s and %(last_12_months_end)s
    ) as order_intake_12m,
    count(*) filter (
        where o.status <> 'cancelled' and o.ordered_on between %(last_12_months_start)s and %(last_12_months_end)s
    ) as order_count_12m,
    count(o.reporting_amount) filter (
        where o.status <> 'cancelled' and o.ordered_on between %(last_12_months_start)s and %(last_12_months_end)s
    ) as priced_order_count_12m,
    {{ count(o.reporting_amount) // sum(coalesce(s.part_to - s.part_from, 1)) }} filter (
        where o.status <> 'cancelled' and o.ordered_on between %(last_12_months_start)s and %(last_12_months_end)s
            and o.reporting_amount is not null
    ) as order_parts_12m,
    count(*) filter (where o.status <> 'cancelled') as order_count,
    min(o.ordered_on) filter (where o.status <> 'cancelled') as first_order_on,
    max(o.ordered_on) filter (where o.status <> 'cancelled') as last_order_on,
    count(*) filter (
        where o.status <> 'cancelled' and o.fully_delivered_on <= %(as_of)s
            and o.fully_delivered_on > coalesce(o.promised_on, o.requested_on)
    ) as shipped_late_count,
    count(*) filter (
        where o.status not in ('cancelled', 'closed') and coalesce(o.promised_on, o.requested_on) is not null
            and o.fully_delivered_on between %(last_12_months_start)s and %(last_12_months_end)s
    ) as delivered_orders_12m,
    count(*) filter (
        where o.status not in ('cancelled', 'closed') and coalesce(o.promised_on, o.requested_on) is not null
            and o.fully_delivered_on between %(last_12_months_start)s and %(last_12_months_end)s
            and o.fully_delivered_on <= coalesce(o.promised_on, o.requested_on)
    ) as otif_count_12m,
    count(*) filter (
        where o.status not in ('cancelled', 'closed') and coalesce(o.promised_on, o.requested_on) is not null
            and o.fully_delivered_on between %(prior_12_months_start)s and %(prior_12_months_end)s
    ) as delivered_orders_prior_12m,
    count(*) filter (
        where o.status not in ('cancelled', 'closed') and coalesce(o.promised_on, o.requested_on) is not null
            and o.fully_delivered_on between %(prior_12_months_start)s and %(prior_12_months_end)s
            and o.fully_delivered_on <= coalesce(o.promised_on, o.requested_on)
    ) as otif_count_prior_12m
from rollup_key k
join erp_order o on o.customer_id = k.key takes(k, order o.key)
parts_of(k)
where o.deleted_at is null and o.status <> 'quote' and o.ordered_on <= %(as_of)s
    and (%(companies)s::varchar[] is null or o.company_id = any(%(companies)s::varchar[]))
group by whose(k.customer_id)
