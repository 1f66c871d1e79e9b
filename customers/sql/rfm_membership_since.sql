-- One row per customer that was in its segment on earlier stored days: rfm_then holds one row per customer and day. Parameters: none.
with changed as (
    select m.customer_id, max(t.as_of) filter (where t.segment <> m.segment) as last_other
    from rfm_membership m
    join rfm_then t on t.customer_id = m.customer_id
    group by m.customer_id
),
began as (
    select t.customer_id, min(t.as_of) as since, max(c.last_other) as last_other
    from changed c
    join rfm_then t on t.customer_id = c.customer_id and (c.last_other is null or t.as_of > c.last_other)
    group by t.customer_id
)
update rfm_membership m
set since = b.since, before = coalesce(t.segment, '')
from began b
left join rfm_then t on t.customer_id = b.customer_id and t.as_of = b.last_other
where m.customer_id = b.customer_id and b.since < m.since
