-- One row less per customer that is gone. Parameters: none.
delete from rfm_membership m
using customer c
where c.id = m.customer_id and c.gone_at is not null
