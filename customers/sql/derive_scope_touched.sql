-- derive_customer: one row per ERP customer key that the publish touched. Parameters: none.
create temporary table derive_customer as
select distinct key from touched_customer where key <> ''
