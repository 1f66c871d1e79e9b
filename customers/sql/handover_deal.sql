-- handover_deal: one row per opportunity of these customers. Parameters: since.
create temporary table handover_deal as
select s.customer_id, p.key, p.close_on, p.is_won, p.is_closed, p.reporting_amount as amount, p.custom_fields
from handover_scope s
join sf_opportunity p on p.account_id = s.account
where p.deleted_at is null and p.close_on >= %(since)s
