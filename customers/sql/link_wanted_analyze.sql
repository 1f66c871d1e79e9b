-- No rows: statistics for the joins that follow. Parameters: none.
analyze link_wanted
