-- One update per period that ended at the day although its link stands: it moved away and back. Parameters: as_of, keys (only these
-- ERP customers; null: all).
update account_link_period p
set valid_to = null
from account_link l
where l.erp_customer = p.erp_customer and l.customer_id = p.customer_id and p.valid_to = %(as_of)s
    and (l.part_from, l.part_to, l.places, l.is_rest) is not distinct from (p.part_from, p.part_to, p.places, p.is_rest)
    and not exists (
        select from account_link_period o
        where o.erp_customer = p.erp_customer and o.customer_id = p.customer_id and o.valid_to is null
    )
    and (%(keys)s::varchar[] is null or p.erp_customer = any(%(keys)s::varchar[]))
