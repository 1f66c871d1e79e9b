-- One row per customer of rfm_now, where none is kept yet. Parameters: as_of, calibration.
-- `since` is the first of the earlier stored days of rfm_then from which on the segment was the same without interruption.
insert into rfm_membership (customer_id, segment, score, since, before, before_since, calibration_id)
with past as (
    select t.customer_id, min(t.as_of) as earliest, max(t.as_of) as latest,
        max(t.as_of) filter (where t.segment <> n.segment) as last_other
    from rfm_then t
    join rfm_now n on n.customer_id = t.customer_id
    group by t.customer_id
),
moved as (
    select p.customer_id, min(t.as_of) filter (where t.as_of > p.last_other) as since,
        max(t.segment) filter (where t.as_of = p.last_other) as before
    from past p
    join rfm_then t on t.customer_id = p.customer_id
    where p.last_other < p.latest
    group by p.customer_id
)
select n.customer_id, n.segment, n.score,
    case when p.last_other is null then coalesce(p.earliest, %(as_of)s) else coalesce(m.since, %(as_of)s) end,
    coalesce(m.before, ''), null, %(calibration)s::bigint
from rfm_now n
left join past p on p.customer_id = n.customer_id
left join moved m on m.customer_id = n.customer_id
