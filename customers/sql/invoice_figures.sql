-- invoice_figures: one row per customer with invoices; reporting currency. Parameters: as_of, periods.
create temporary table invoice_figures as
select whose(k.customer_id) as customer_id, count(*) as invoice_count,
    sum(part(i.reporting_amount)) filter (where i.revenue_on between %(year_to_date_start)s and %(year_to_date_end)s)
        as revenue_ytd,
    sum(part(i.reporting_amount)) filter (where i.revenue_on between %(same_days_last_year_start)s and %(same_days_last_year_end)s)
        as revenue_ytd_prior,
    sum(part(i.reporting_amount)) filter (where i.revenue_on between %(last_year_start)s and %(last_year_end)s)
        as revenue_last_year,
    sum(part(i.reporting_amount)) filter (where i.revenue_on between %(year_before_last_start)s and %(year_before_last_end)s)
        as revenue_year_before_last,
    sum(part(i.reporting_amount)) filter (where i.revenue_on between %(last_12_months_start)s and %(last_12_months_end)s)
        as revenue_12m,
    sum(part(i.reporting_amount)) filter (where i.revenue_on between %(prior_12_months_start)s and %(prior_12_months_end)s)
        as revenue_prior_12m,
    count(*) filter (
        where i.reporting_amount is null and i.status not in ('draft', 'cancelled') and i.kind <> 'down_payment'
            and coalesce(i.revenue_on <= %(as_of)s, true)
    ) as not_converted
from rollup_key k
join erp_invoice i on i.customer_id = k.key takes(k, invoice i.key)
parts_of(k)
where i.deleted_at is null and (%(companies)s::varchar[] is null or i.company_id = any(%(companies)s::varchar[]))
group by whose(k.customer_id)
