-- rollup_scope: one row per customer, and those that just lost all they had. Parameters: none.
create temporary table rollup_scope as
select id as customer_id from customer where gone_at is null
union select customer_id from relinked
