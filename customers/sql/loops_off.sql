-- No rows: joins by hash or merge until loops_on, for statements over all customers. Parameters: none.
-- They read every row, so each table is hashed once. Where the planner knows nothing of a table, or that it was empty, it
-- expects one row of each part of a statement and loops over the parts: hours where it takes minutes.
set local enable_nestloop = off
