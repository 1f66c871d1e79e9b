-- sale_candidate: one row per activated Salesforce order and ERP order of the customer, both without another one, whose
-- amounts and days fit; the smaller `distance` the better. An order of another opportunity is none. Parameters:
-- tolerance_share, tolerance_amount, days_before, days_after.
create temporary table sale_candidate as
with sale as (
    select s.*, greatest(round(s.amount * %(tolerance_share)s::numeric, 2), %(tolerance_amount)s::numeric) as tolerance
    from handover_sale s
    where s.is_activated and s.amount > 0
        and not exists (select from handover_claim c where c.sale_id = s.key and not c.is_quote)
),
fits as (
    select s.key as sale_id, o.key as order_id, abs(o.ordered_on - s.starts_on) as days,
        abs(o.amount - s.amount) as difference, s.tolerance
    from sale s
    join handover_order o on o.customer_id = s.customer_id
        and o.ordered_on between s.starts_on - %(days_before)s and s.starts_on + %(days_after)s
    where o.counts and o.amount > 0 and abs(o.amount - s.amount) <= s.tolerance
        and not exists (select from handover_claim c where c.order_id = o.key)
        and (
            s.opportunity_id is null
            or not exists (
                select from handover_pair p
                where p.order_id = o.key and p.opportunity_id <> s.opportunity_id and p.state in ('stated', 'confirmed')
            )
        )
)
select f.sale_id, f.order_id,
    round(f.days::numeric / greatest(%(days_before)s, %(days_after)s, 1), 6)
    + case when f.tolerance = 0 then 0 else round(f.difference / f.tolerance, 6) end as distance
from fits f
where not exists (
    select from (
        select h.verdict from handover_decision h
        where h.opportunity = f.sale_id and h."order" = f.order_id
        order by h.id desc limit 1
    ) newest
    where newest.verdict = 'refuse'
)
