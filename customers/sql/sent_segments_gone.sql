-- One row less per customer that is gone. Parameters: customers (ids: only of these; null: any).
delete from sent_segments k
using customer c
where c.id = k.customer_id and c.gone_at is not null and (%(customers)s::bigint[] is null or c.id = any(%(customers)s::bigint[]))
