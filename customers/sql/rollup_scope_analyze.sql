-- No rows: without statistics the planner expects few rows and loops over them. Parameters: none.
analyze rollup_scope, rollup_key
