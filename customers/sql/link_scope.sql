-- derive_customer: one row per ERP customer to link anew: those asked for, and those with the same number, whose links may
-- follow. Parameters: keys.
create temporary table derive_customer as
with asked as (
    select unnest(%(keys)s::varchar[]) as key
)
select key from asked
union
select c.key
from erp_customer c
where btrim(c.number) in (
    select btrim(m.number) from erp_customer m where m.key in (select key from asked) and btrim(m.number) <> ''
)
