-- No rows: without statistics the planner expects few rows and loops over them. Parameters: none.
analyze derive_customer, derive_account, reporting_rate, reading_invoices
