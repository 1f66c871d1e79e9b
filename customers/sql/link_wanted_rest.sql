-- One row more in link_wanted per ERP customer that is not looked at anew, as its link stands. Parameters: none.
insert into link_wanted (erp_customer, account, status, method, detail)
select l.erp_customer, l.account, l.status, l.method, l.detail
from account_link l
where l.erp_customer not in (select key from derive_customer)
