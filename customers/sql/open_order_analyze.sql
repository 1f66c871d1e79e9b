-- No rows: statistics for the comparison with the orders kept. Parameters: none.
analyze open_order
