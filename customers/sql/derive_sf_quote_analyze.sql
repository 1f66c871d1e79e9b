-- No rows: what the planner knows of the derived columns is from before. Parameters: none.
analyze sf_quote
