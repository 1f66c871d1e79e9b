-- derive_customer: one row per ERP customer key, known or only named by documents. Parameters: none.
create temporary table derive_customer as
select key from erp_customer
union select customer_id from erp_order where customer_id <> ''
union select customer_id from erp_delivery where customer_id <> ''
union select customer_id from erp_invoice where customer_id <> ''
union select customer_id from erp_open_item where customer_id <> ''
union select customer_id from erp_payment where customer_id <> ''
