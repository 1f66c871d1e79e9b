-- No rows. Parameters: none.
analyze erp_payment
