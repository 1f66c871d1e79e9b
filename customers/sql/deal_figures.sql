-- deal_figures: one row per customer with deals won in the last 12 months; reporting currency. Parameters: last 12 months.
create temporary table deal_figures as
select c.id as customer_id, sum(p.reporting_amount) as won_amount_12m, count(p.reporting_amount) as won_count_12m,
    count(*) filter (where p.reporting_amount is null) as not_converted
from rollup_scope s
join customer c on c.id = s.customer_id
join sf_opportunity p on p.account_id = c.account
where p.deleted_at is null and p.is_won
    and p.close_on between %(last_12_months_start)s and %(last_12_months_end)s
group by c.id
