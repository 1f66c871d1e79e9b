-- No rows: how few they are. Parameters: none.
analyze derive_customer
