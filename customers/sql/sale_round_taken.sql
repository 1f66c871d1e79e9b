-- No candidate is left of a Salesforce order or an ERP order that was proposed or is possible. Parameters: none.
delete from sale_candidate c
where exists (select from handover_claim p where p.basis = 'fit' and (p.sale_id = c.sale_id or p.order_id = c.order_id))
