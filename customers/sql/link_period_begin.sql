-- One row more per link without a period: the first of an ERP customer has no known start, every later one begins at the
-- day. Parameters: as_of.
insert into account_link_period (erp_customer, customer_id, account, valid_from)
select l.erp_customer, l.customer_id, l.account,
    case when exists (select from account_link_period p where p.erp_customer = l.erp_customer) then %(as_of)s::date end
from account_link l
where not exists (
    select from account_link_period p where p.erp_customer = l.erp_customer and p.valid_to is null
)
