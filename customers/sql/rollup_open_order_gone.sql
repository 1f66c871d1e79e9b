-- One row less per order of rollup_scope that has nothing to deliver any more. Parameters: none.
delete from rollup_open_order o
using rollup_scope s
where o.customer_id = s.customer_id
    and not exists (
        select from open_order n
        where n.order_id = o.order_id and n.customer_id = o.customer_id and n.open_share <> 0
    )
