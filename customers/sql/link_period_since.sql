-- The periods of an ERP customer that are open begin at an earlier day, and what was its own from then on is no more.
-- Parameters: erp_customer, since.
delete from account_link_period p
where p.erp_customer = %(erp_customer)s and p.valid_to is not null and p.valid_from >= %(since)s;
update account_link_period p set valid_to = %(since)s
where p.erp_customer = %(erp_customer)s and p.valid_to > %(since)s;
update account_link_period p set valid_from = %(since)s
where p.erp_customer = %(erp_customer)s and p.valid_to is null and p.valid_from > %(since)s
