-- What an earlier turn of the same transaction left. Parameters: none.
drop table if exists pg_temp.sent_now, pg_temp.sent_scope
