-- sale_new: the rows of sales_order_pair as they have to be; amounts only of those that count. Parameters: none.
create temporary table sale_new as
select c.sale_id as sales_order_id, c.order_id, s.customer_id, c.state, c.basis,
    o.ordered_on - s.starts_on as days_apart, o.amount - s.amount as difference,
    m.ordered, m.ordered - m.remains as cancelled
from handover_claim c
join handover_sale s on s.key = c.sale_id
join handover_order o on o.key = c.order_id and o.is_home
left join handover_money m on m.key = c.order_id and o.counts and c.state in ('stated', 'confirmed', 'proposed')
