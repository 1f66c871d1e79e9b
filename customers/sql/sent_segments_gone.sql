-- One row less per customer that is gone. Parameters: none.
delete from sent_segments k
using customer c
where c.id = k.customer_id and c.gone_at is not null
