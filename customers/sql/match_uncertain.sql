-- A proposal whose ERP customer is due counts as certain no more: its grounds may have changed. Parameters: none.
update link_proposal p set certain = false
from match_record r
where p.certain and r.side = 'e' and r.key = p.erp_customer and r.due
