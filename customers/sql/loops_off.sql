-- No rows: joins by hash or merge for the rest of the transaction, until loops_on. Parameters: none.
set local enable_nestloop = off
