-- One row more in link_wanted per ERP customer that is not looked at anew and belongs to one of these accounts: who it is
-- says the account's customer, and its link stands. Parameters: accounts.
insert into link_wanted (erp_customer, account, status, method, detail, part_from, part_to, places, is_rest, place)
select l.erp_customer, l.account, l.status, l.method, l.detail, l.part_from, l.part_to, l.places, l.is_rest, l.place
from customer c
join account_link l on l.customer_id = c.id and l.account = c.account
where c.account = any(%(accounts)s::varchar[]) and l.erp_customer not in (select key from derive_customer)
