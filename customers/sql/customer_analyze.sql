-- No rows: statistics after many customers are new; the planner expects none, and loops. Parameters: none.
analyze customer
