-- No rows: one recompute at a time, until the transaction ends. Parameters: none.
select pg_advisory_xact_lock(17203, 1)
