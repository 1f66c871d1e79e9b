-- handover_new: the rows of opportunity_order as they have to be; an opportunity's part of an amount is rounded so that
-- the parts of all make the amount. Parameters: none.
create temporary table handover_new as
select s.opportunity_id, s.order_id, s.customer_id, s.state, s.basis, s.share_from, s.share_to, s.days_apart,
    s.difference,
    case when s.share_to = 1 then m.ordered else round(m.ordered * s.share_to, 2) end
    - case when s.share_from = 1 then m.ordered else round(m.ordered * s.share_from, 2) end as ordered,
    case when s.share_to = 1 then m.delivered else round(m.delivered * s.share_to, 2) end
    - case when s.share_from = 1 then m.delivered else round(m.delivered * s.share_from, 2) end as delivered,
    case when s.share_to = 1 then m.invoiced else round(m.invoiced * s.share_to, 2) end
    - case when s.share_from = 1 then m.invoiced else round(m.invoiced * s.share_from, 2) end as invoiced,
    case when s.share_to = 1 then m.paid else round(m.paid * s.share_to, 2) end
    - case when s.share_from = 1 then m.paid else round(m.paid * s.share_from, 2) end as paid
from handover_share s
left join handover_money m on m.key = s.order_id and s.matches
