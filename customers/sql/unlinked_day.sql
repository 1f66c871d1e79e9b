-- One row for a day, and for each day of rollup_day that has none yet. Parameters: as_of.
-- A customer that was linked since keeps its figures of the days before, so they still count as unlinked there.
insert into rollup_unlinked_day as u (as_of, customers, unlinked_revenue, revenue, unlinked_overdue, overdue)
select r.as_of,
    count(*) filter (where c.account is null and (r.revenue_12m <> 0 or r.overdue_amount <> 0)),
    coalesce(sum(r.revenue_12m) filter (where c.account is null), 0), sum(r.revenue_12m),
    coalesce(sum(r.overdue_amount) filter (where c.account is null), 0), sum(r.overdue_amount)
from rollup_customer r
join customer c on c.id = r.customer_id
where r.as_of = %(as_of)s
    or r.as_of in (select d.as_of from rollup_day d where not exists (select from rollup_unlinked_day k where k.as_of = d.as_of))
group by r.as_of
on conflict (as_of) do update
set customers = excluded.customers, unlinked_revenue = excluded.unlinked_revenue, revenue = excluded.revenue,
    unlinked_overdue = excluded.unlinked_overdue, overdue = excluded.overdue
