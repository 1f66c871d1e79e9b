-- One update per invoice of derive_customer whose derived columns differ. Parameters: currency (reporting).
with scoped as (
    select i.key, coalesce(i.posted_on, i.issued_on) as revenue_on, i.currency, i.company_currency, i.exchange_rate,
        i.net_amount, i.gross_amount,
        i.status not in ('draft', 'cancelled') and i.kind <> 'down_payment' as is_revenue
    from derive_customer c
    join erp_invoice i on i.customer_id = c.key
),
line as (
    select n.invoice_id,
        coalesce(sum(n.net_amount) filter (where n.kind <> 'down_payment'), 0) as net_amount,
        count(*) = count(n.net_amount) as is_priced
    from scoped i
    join erp_invoice_line n on n.invoice_id = i.key
    where n.deleted_at is null and n.kind <> 'text'
    group by n.invoice_id
),
derived as (
    select i.key, i.revenue_on,
        case
            when not i.is_revenue then null
            when l.is_priced then l.net_amount
            else coalesce(i.net_amount, i.gross_amount, l.net_amount)
        end as revenue_amount,
        case
            when i.currency = %(currency)s then 1
            when i.company_currency = %(currency)s and i.exchange_rate > 0 then i.exchange_rate
            when i.exchange_rate > 0 and books.rate is not null then round(i.exchange_rate * books.rate, 10)
            else own.rate
        end as reporting_rate
    from scoped i
    left join line l on l.invoice_id = i.key
    left join lateral (
        select rate from reporting_rate
        where i.currency <> %(currency)s and currency = i.currency and valid_from <= i.revenue_on
        order by valid_from desc limit 1
    ) own on true
    left join lateral (
        select rate from reporting_rate
        where i.company_currency <> %(currency)s and currency = i.company_currency and valid_from <= i.revenue_on
        order by valid_from desc limit 1
    ) books on true
),
rounded as (
    select key, revenue_on, revenue_amount, reporting_rate,
        case
            when revenue_on is null then null
            when revenue_amount = 0 then 0
            when reporting_rate = 1 then revenue_amount
            else round(revenue_amount * reporting_rate, 2)
        end as reporting_amount
    from derived
)
update erp_invoice i
set revenue_on = d.revenue_on, revenue_amount = d.revenue_amount, reporting_rate = d.reporting_rate,
    reporting_amount = d.reporting_amount
from rounded d
where i.key = d.key
    and (i.revenue_on, i.revenue_amount, i.reporting_rate, i.reporting_amount)
    is distinct from (d.revenue_on, d.revenue_amount, d.reporting_rate, d.reporting_amount)
