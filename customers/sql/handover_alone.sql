-- handover_alone: the rows of order_without_opportunity as they have to be. Parameters: since, minimum_order, categories.
create temporary table handover_alone as
select o.key as order_id, o.customer_id, o.ordered_on, o.amount,
    (select count(*) from handover_pair p where p.order_id = o.key)::int as possible
from handover_order o
where o.counts and o.is_home and o.amount > 0 and o.amount >= %(minimum_order)s::numeric and o.ordered_on >= %(since)s
    and not exists (select from handover_pair p where p.order_id = o.key and p.state <> 'possible')
    and (
        cardinality(%(categories)s::text[]) = 0
        or not exists (select from erp_order_line l where l.order_id = o.key and l.deleted_at is null and l.kind = 'goods')
        or exists (
            select from erp_order_line l
            left join erp_product p on p.key = l.product_id
            where l.order_id = o.key and l.deleted_at is null and l.kind = 'goods'
                and coalesce(p.category, '') <> all(%(categories)s::text[])
        )
    )
