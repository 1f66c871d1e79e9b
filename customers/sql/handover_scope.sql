-- handover_scope: one row per customer with an account to match anew: touched by the publish, or somebody decided about
-- its opportunities meanwhile. Parameters: everything.
create temporary table handover_scope as
with asked as (
    select c.id as customer_id, c.account
    from customer c
    where %(everything)s and c.gone_at is null and c.account is not null
    union
    select c.id, c.account
    from rollup_scope s
    join customer c on c.id = s.customer_id
    where not %(everything)s and c.gone_at is null and c.account is not null
    union
    select c.id, c.account
    from handover_decision h
    join sf_opportunity p on p.key = h.opportunity
    join customer c on c.account = p.account_id
    where not %(everything)s and not h.applied and c.gone_at is null
    union
    select c.id, c.account
    from handover_decision h
    join sf_order s on s.key = h.opportunity
    join customer c on c.account = s.account_id
    where not %(everything)s and not h.applied and c.gone_at is null
)
select customer_id, account from asked
union
-- who shares an ERP customer by per cent with one of them: an order of it is matched once, among all
select c.id, c.account
from asked a
join account_link l on l.customer_id = a.customer_id and l.part_to is not null
join account_link o on o.erp_customer = l.erp_customer and o.customer_id <> l.customer_id
join customer c on c.id = o.customer_id
where not %(everything)s and c.gone_at is null and c.account is not null
