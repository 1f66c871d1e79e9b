-- deal_figures: one row per customer with opportunities up to the day, and deals won in the last 12 months; reporting
-- currency. Parameters: as_of, last 12 months, time_zone. An opportunity is of the day it was created.
create temporary table deal_figures as
with deal as (
    select c.id as customer_id, p.reporting_amount, p.is_won and p.close_on between %(last_12_months_start)s and %(last_12_months_end)s as won,
        (p.created_on at time zone %(time_zone)s)::date as created
    from rollup_scope s
    join customer c on c.id = s.customer_id
    join sf_opportunity p on p.account_id = c.account
    where p.deleted_at is null
)
select customer_id, sum(reporting_amount) filter (where won) as won_amount_12m,
    count(reporting_amount) filter (where won) as won_count_12m,
    count(*) filter (where won and reporting_amount is null) as not_converted,
    count(*) filter (where created is null or created <= %(as_of)s) as opportunity_count,
    min(created) filter (where created <= %(as_of)s) as first_opportunity_on
from deal
group by customer_id
