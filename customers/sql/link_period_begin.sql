-- One row more per link without a period: the first of an ERP customer has no known start, every later one begins at the
-- day. Parameters: as_of, keys (only these ERP customers; null: all).
-- Everything is read before the first row is written: asked row by row, the table would be read again with what was
-- just written to it, for each row once.
with begun as materialized (
    select erp_customer, customer_id, valid_to
    from account_link_period
    where %(keys)s::varchar[] is null or erp_customer = any(%(keys)s::varchar[])
),
known as materialized (
    select distinct erp_customer from begun
)
insert into account_link_period (erp_customer, customer_id, account, part_from, part_to, places, is_rest, valid_from)
select l.erp_customer, l.customer_id, l.account, l.part_from, l.part_to, l.places, l.is_rest,
    case when k.erp_customer is not null then %(as_of)s::date end
from account_link l
left join known k on k.erp_customer = l.erp_customer
where (%(keys)s::varchar[] is null or l.erp_customer = any(%(keys)s::varchar[]))
    and not exists (
        select from begun p
        where p.erp_customer = l.erp_customer and p.customer_id = l.customer_id and p.valid_to is null
    )
order by l.erp_customer, l.place
