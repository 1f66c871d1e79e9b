-- Rows of handover_claim of activated Salesforce orders that no number names an order for, but whose opportunity has
-- one: the only one of the only one, else possible ones. Parameters: none.
with free as (
    select s.key as sale_id, p.order_id
    from handover_sale s
    join handover_pair p on p.opportunity_id = s.opportunity_id and p.state in ('stated', 'confirmed')
    join handover_order o on o.key = p.order_id and o.counts and o.is_home
    where s.is_activated
        and not exists (select from handover_claim c where c.sale_id = s.key and not c.is_quote)
        and not exists (select from handover_claim c where c.order_id = p.order_id)
        and not exists (
            select from (
                select h.verdict from handover_decision h
                where h.opportunity = s.key and h."order" = p.order_id
                order by h.id desc limit 1
            ) newest
            where newest.verdict = 'refuse'
        )
),
counted as (
    select sale_id, order_id, count(*) over (partition by sale_id) as orders, count(*) over (partition by order_id) as sales
    from free
)
insert into handover_claim (sale_id, order_id, is_quote, state, basis)
select sale_id, order_id, false, case when orders = 1 and sales = 1 then 'stated' else 'possible' end, 'opportunity'
from counted
