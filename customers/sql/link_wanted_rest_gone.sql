-- One row less in link_wanted per ERP customer that is not looked at anew. Parameters: none.
delete from link_wanted where erp_customer not in (select key from derive_customer)
