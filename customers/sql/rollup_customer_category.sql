-- One row per customer of rollup_scope and product category whose figures are new or differ. Parameters: none.
-- Sorted, so that the comparison is over before the first row is written: it would reread what it writes.
insert into rollup_customer_category (
    customer_id, category, revenue_12m, revenue_prior_12m, first_on, last_on, usual_gap
)
select f.customer_id, f.category, f.revenue_12m, f.revenue_prior_12m, f.first_on, f.last_on, f.usual_gap
from category_figures f
where not exists (
    select from rollup_customer_category c
    where c.customer_id = f.customer_id and c.category = f.category
        and (c.revenue_12m, c.revenue_prior_12m, c.first_on, c.last_on, c.usual_gap)
        is not distinct from (f.revenue_12m, f.revenue_prior_12m, f.first_on, f.last_on, f.usual_gap)
)
order by f.customer_id, f.category
on conflict (customer_id, category) do update
set revenue_12m = excluded.revenue_12m, revenue_prior_12m = excluded.revenue_prior_12m, first_on = excluded.first_on,
    last_on = excluded.last_on, usual_gap = excluded.usual_gap
