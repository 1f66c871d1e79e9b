-- sent_now: one row per customer and sent segment it is in; filled segment by segment. Parameters: none.
create temporary table sent_now (customer_id bigint not null, segment_id bigint not null) on commit drop
