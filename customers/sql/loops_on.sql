-- No rows: the planner may join by loops again. Parameters: none.
set local enable_nestloop to default
