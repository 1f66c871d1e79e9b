-- One row more in link_wanted per ERP customer that is not looked at anew, as its link stands. Parameters: none.
insert into link_wanted (erp_customer, account, status, method, detail, part_from, part_to, places, is_rest, place)
select l.erp_customer, l.account, l.status, l.method, l.detail, l.part_from, l.part_to, l.places, l.is_rest, l.place
from account_link l
where l.erp_customer not in (select key from derive_customer)
