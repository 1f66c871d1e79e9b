-- No rows: statistics for the comparison that follows. Parameters: none.
analyze category_figures
