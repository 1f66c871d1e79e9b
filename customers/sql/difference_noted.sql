-- One note per difference whose values changed or that came back. Parameters: at. Needs difference_now, and runs before difference.sql.
insert into difference_note (difference_id, at, by_name, kind, text, erp_value, salesforce_value)
select d.id, %(at)s, '', case when d.closed_at is null then 'changed' else 'reopened' end, '', d.erp_value, d.salesforce_value
from difference_now n
join difference d on (d.account, d.erp_customer, d.field) = (n.account, n.erp_customer, n.field)
where d.closed_at is not null or (d.erp_value, d.salesforce_value) is distinct from (n.erp_value, n.salesforce_value)
