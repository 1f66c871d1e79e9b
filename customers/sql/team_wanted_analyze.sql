-- No rows: statistics for the two comparisons that follow. Parameters: none.
analyze team_wanted, role_scope
