-- No rows: statistics after many links changed. Parameters: none.
analyze account_link, customer
