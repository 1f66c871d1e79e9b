-- Live documents whose number, or the customer's own order number, lies in one of the ranges: kind and key.
-- Parameters: low, high (arrays of the same length), most (rows of each range). The operators are those of the
-- varchar_pattern_ops indexes, so each range is one short index scan whatever the database's collation is.
with probe as (
    select low, high from unnest(%(low)s::text[], %(high)s::text[]) as p (low, high)
)
select 'order' as kind, f.key
from probe,
    lateral (
        select key from erp_order
        where number ~>=~ low and number ~<=~ high and deleted_at is null
        order by number using ~<~
        limit %(most)s
    ) f
union all
select 'order' as kind, f.key
from probe,
    lateral (
        select key from erp_order
        where customer_reference ~>=~ low and customer_reference ~<=~ high and customer_reference <> '' and deleted_at is null
        order by customer_reference using ~<~
        limit %(most)s
    ) f
union all
select 'delivery' as kind, f.key
from probe,
    lateral (
        select key from erp_delivery
        where number ~>=~ low and number ~<=~ high and deleted_at is null
        order by number using ~<~
        limit %(most)s
    ) f
union all
select 'invoice' as kind, f.key
from probe,
    lateral (
        select key from erp_invoice
        where number ~>=~ low and number ~<=~ high and deleted_at is null
        order by number using ~<~
        limit %(most)s
    ) f
union all
select 'invoice' as kind, f.key
from probe,
    lateral (
        select key from erp_invoice
        where customer_reference ~>=~ low and customer_reference ~<=~ high and customer_reference <> '' and deleted_at is null
        order by customer_reference using ~<~
        limit %(most)s
    ) f
union all
select 'payment' as kind, f.key
from probe,
    lateral (
        select key from erp_payment
        where number ~>=~ low and number ~<=~ high and deleted_at is null
        order by number using ~<~
        limit %(most)s
    ) f
