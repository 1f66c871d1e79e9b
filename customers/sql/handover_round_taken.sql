-- No candidate is left of an opportunity or an order that was proposed or is possible. Parameters: none.
delete from handover_candidate c
where exists (select from handover_pair p where p.basis = 'fit' and p.opportunity_id = c.opportunity_id)
    or exists (select from handover_pair p where p.basis = 'fit' and p.order_id = c.order_id)
