-- derive_customer: one row per ERP customer to link anew. Parameters: keys.
create temporary table derive_customer as
select distinct key from unnest(%(keys)s::varchar[]) as asked (key)
