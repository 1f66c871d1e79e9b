-- One row per difference that is new, came back or is told otherwise than before. Parameters: at, as_of.
-- Sorted, so that the comparison is over before the first row is written: it would reread what it writes.
insert into difference as d (customer_id, account, erp_customer, field, master, erp_value, salesforce_value, falls_to,
    first_seen_at, opened_at, last_seen_on, times, closed_why, snooze_reason)
select n.customer_id, n.account, n.erp_customer, n.field, n.master, n.erp_value, n.salesforce_value, n.falls_to,
    %(at)s, %(at)s, %(as_of)s, 1, '', ''
from difference_now n
left join difference s on (s.account, s.erp_customer, s.field) = (n.account, n.erp_customer, n.field)
where (s.customer_id, s.master, s.erp_value, s.salesforce_value, s.falls_to, s.last_seen_on, s.closed_at)
    is distinct from (n.customer_id, n.master, n.erp_value, n.salesforce_value, n.falls_to, %(as_of)s, null::timestamptz)
order by n.account, n.erp_customer, n.field
on conflict (account, erp_customer, field) do update
set customer_id = excluded.customer_id, master = excluded.master, erp_value = excluded.erp_value,
    salesforce_value = excluded.salesforce_value, falls_to = excluded.falls_to, last_seen_on = excluded.last_seen_on,
    opened_at = case when d.closed_at is null then d.opened_at else excluded.opened_at end,
    times = case when d.closed_at is null then d.times else d.times + 1 end,
    closed_at = null, closed_why = ''
