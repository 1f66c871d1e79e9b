-- No rows: forget what nothing_touched made. Parameters: none.
drop table if exists pg_temp.touched_customer, pg_temp.touched_account
