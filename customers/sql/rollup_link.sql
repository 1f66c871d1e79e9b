-- rollup_link: one row per link of a customer in rollup_scope; what is shared by per cent is looked at once, in a slot of its
-- own below zero, and divided at the end. Parameters: none.
create temporary table rollup_link as
select l.erp_customer as key, l.customer_id, l.part_from, l.part_to, l.places, l.is_rest,
    case when l.part_to is null then l.customer_id else -min(l.id) over (partition by l.erp_customer) end as slot
from rollup_scope s
join account_link l on l.customer_id = s.customer_id
