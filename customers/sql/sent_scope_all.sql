-- sent_scope: one row per customer that is in a sent segment, or was. Parameters: none.
create temporary table sent_scope on commit drop as
select customer_id from sent_now
union
select customer_id from sent_segments
