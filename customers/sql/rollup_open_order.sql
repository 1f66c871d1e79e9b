-- One row per open order and customer of rollup_scope that is new or differs. Parameters: none.
-- Sorted, so that the comparison is over before the first row is written: it would reread what it writes.
insert into rollup_open_order (order_id, customer_id, promised_on, due_on, open_amount)
select n.order_id, n.customer_id, n.promised_on, n.due_on, n.open_amount
from open_order n
where n.open_share <> 0
    and not exists (
        select from rollup_open_order o
        where o.order_id = n.order_id and o.customer_id = n.customer_id
            and (o.promised_on, o.due_on, o.open_amount) is not distinct from (n.promised_on, n.due_on, n.open_amount)
    )
order by n.order_id, n.customer_id
on conflict (order_id, customer_id) do update
set promised_on = excluded.promised_on, due_on = excluded.due_on, open_amount = excluded.open_amount
