-- touched_customer, touched_account: no row each, as nothing was published. Parameters: none.
drop table if exists pg_temp.touched_customer, pg_temp.touched_account;
create temporary table touched_customer (key varchar primary key);
create temporary table touched_account (key varchar primary key)
