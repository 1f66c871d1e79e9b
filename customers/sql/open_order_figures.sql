-- open_order_figures: one row per customer with orders not delivered or not invoiced; those without an amount in the
-- reporting currency are counted and in no sum. Parameters: as_of.
create temporary table open_order_figures as
select customer_id, sum(open_amount) as open_orders_amount,
    count(*) filter (where open_share <> 0) as open_orders_count,
    count(*) filter (where open_share <> 0 and due_on < %(as_of)s) as late_orders_count,
    sum(open_amount) filter (where open_share <> 0 and due_on < %(as_of)s) as late_orders_amount,
    sum(unbilled_amount) as delivered_not_invoiced, coalesce(sum(late_amount), 0) as late_lines_amount,
    coalesce(sum(late_count), 0) as late_lines_count
from open_order
group by customer_id
