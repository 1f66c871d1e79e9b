-- handover_scope: one row per customer with an account to match anew: touched by the publish, or somebody decided about
-- its opportunities meanwhile. Parameters: everything.
create temporary table handover_scope as
select c.id as customer_id, c.account
from customer c
where c.gone_at is null and c.account is not null
    and (
        %(everything)s
        or c.id in (select customer_id from rollup_scope)
        or c.account in (
            select p.account_id from handover_decision h join sf_opportunity p on p.key = h.opportunity
            where not h.applied
            union
            select s.account_id from handover_decision h join sf_order s on s.key = h.opportunity
            where not h.applied
        )
    )
