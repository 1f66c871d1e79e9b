-- One row per customer that gains or loses an ERP customer or a part of one. Parameters: keys (only of these ERP customers; null: all).
with wanted as (
    select w.erp_customer, w.status, w.part_from, w.part_to, w.places, w.is_rest, coalesce(a.id, o.id) as customer_id
    from link_wanted w
    left join customer a on a.account = w.account
    left join customer o on w.account is null and o.erp_customer = w.erp_customer
),
moved as (
    select l.customer_id as before, w.customer_id as after
    from wanted w
    full join (
        select * from account_link where %(keys)s::varchar[] is null or erp_customer = any(%(keys)s::varchar[])
    ) l on l.erp_customer = w.erp_customer and l.customer_id = w.customer_id
    where (l.status, l.part_from, l.part_to, l.places, l.is_rest)
        is distinct from (w.status, w.part_from, w.part_to, w.places, w.is_rest)
)
insert into relinked (customer_id)
select before from moved where before is not null
union select after from moved where after is not null
