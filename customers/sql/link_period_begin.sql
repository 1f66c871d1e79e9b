-- One row more per link without a period: the first of an ERP customer has no known start, every later one begins at the
-- day. Parameters: as_of, keys (only these ERP customers; null: all).
insert into account_link_period (erp_customer, customer_id, account, part_from, part_to, places, is_rest, valid_from)
select l.erp_customer, l.customer_id, l.account, l.part_from, l.part_to, l.places, l.is_rest,
    case when exists (select from account_link_period p where p.erp_customer = l.erp_customer) then %(as_of)s::date end
from account_link l
where not exists (
    select from account_link_period p
    where p.erp_customer = l.erp_customer and p.customer_id = l.customer_id and p.valid_to is null
)
    and (%(keys)s::varchar[] is null or l.erp_customer = any(%(keys)s::varchar[]))
order by l.erp_customer, l.place
