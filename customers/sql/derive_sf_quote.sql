-- One update per quote of derive_account whose derived columns differ: at the rate of the day it was made. Parameters:
-- currency (reporting).
with derived as (
    select p.key, p.net_amount as amount,
        -- an org with one currency names none: it is the reporting currency
        case when p.currency in ('', %(currency)s) then 1 else own.rate end as reporting_rate
    from derive_account a
    join sf_quote p on p.account_id = a.key
    left join lateral (
        select rate from reporting_rate
        where p.currency not in ('', %(currency)s) and currency = p.currency and valid_from <= p.created_on::date
        order by valid_from desc limit 1
    ) own on true
),
rounded as (
    select key, reporting_rate,
        case when amount = 0 then 0 when reporting_rate = 1 then amount else round(amount * reporting_rate, 2) end
            as reporting_amount
    from derived
)
update sf_quote p
set reporting_rate = d.reporting_rate, reporting_amount = d.reporting_amount
from rounded d
where p.key = d.key
    and (p.reporting_rate, p.reporting_amount) is distinct from (d.reporting_rate, d.reporting_amount)
