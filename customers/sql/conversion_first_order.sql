-- One update per stamped customer of rollup_scope whose first order, or first opportunity before it, has come since.
-- Parameters: as_of. An opportunity after the first order led to no conversion.
update customer_conversion e
set first_order_on = r.first_order_on,
    first_opportunity_on = coalesce(
        e.first_opportunity_on,
        case when r.first_opportunity_on <= coalesce(r.first_order_on, 'infinity') then r.first_opportunity_on end
    ),
    converted_on = least(e.converted_on, r.first_order_on),
    cause = case when r.first_order_on <= coalesce(e.converted_on, r.first_order_on) then 'order' else e.cause end
from rollup_scope s
join rollup_customer r on r.customer_id = s.customer_id and r.as_of = %(as_of)s
where e.customer_id = s.customer_id and e.first_order_on is null
    and (r.first_order_on is not null or (e.first_opportunity_on is null and r.first_opportunity_on is not null))
