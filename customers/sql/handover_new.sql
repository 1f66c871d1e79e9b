-- handover_new: the rows of opportunity_order as they have to be; an opportunity's part of an amount is rounded so that
-- the parts of all make the amount, and equal amounts have equal parts. Parameters: none.
create temporary table handover_new as
with part as (
    select s.*,
        case when s.share_to = 1 then m.ordered else round(m.ordered * s.share_to, 2) end
        - case when s.share_from = 1 then m.ordered else round(m.ordered * s.share_from, 2) end as ordered,
        case when s.share_to = 1 then m.remains else round(m.remains * s.share_to, 2) end
        - case when s.share_from = 1 then m.remains else round(m.remains * s.share_from, 2) end as remains,
        case when s.share_to = 1 then m.delivered else round(m.delivered * s.share_to, 2) end
        - case when s.share_from = 1 then m.delivered else round(m.delivered * s.share_from, 2) end as delivered,
        case when s.share_to = 1 then m.invoiced else round(m.invoiced * s.share_to, 2) end
        - case when s.share_from = 1 then m.invoiced else round(m.invoiced * s.share_from, 2) end as invoiced,
        case when s.share_to = 1 then m.at_order else round(m.at_order * s.share_to, 2) end
        - case when s.share_from = 1 then m.at_order else round(m.at_order * s.share_from, 2) end as at_order,
        case when s.share_to = 1 then m.paid else round(m.paid * s.share_to, 2) end
        - case when s.share_from = 1 then m.paid else round(m.paid * s.share_from, 2) end as paid
    from handover_share s
    left join handover_money m on m.key = s.order_id and s.matches
)
select opportunity_id, order_id, customer_id, state, basis, share_from, share_to, days_apart, difference,
    ordered, ordered - remains as cancelled, delivered, invoiced, invoiced - at_order as rate_effect, paid
from part
