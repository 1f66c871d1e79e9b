-- reporting_rate: one row per currency and day from which a rate holds; reporting currency per unit. Parameters: currency.
create temporary table reporting_rate as
with stated as (
    select currency, valid_from, rate, 1 as preference, key
    from erp_currency_rate
    where deleted_at is null and base = %(currency)s and currency <> %(currency)s
        and rate > 0 and valid_from is not null
    union all
    -- the other direction serves where nobody states the direct one
    select base, valid_from, round(1 / rate, 10), 2, key
    from erp_currency_rate
    where deleted_at is null and currency = %(currency)s and base <> %(currency)s
        and rate > 0 and valid_from is not null
)
select distinct on (currency, valid_from) currency, valid_from, rate
from stated
order by currency, valid_from, preference, key
