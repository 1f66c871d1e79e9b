"""The pages on which analysts and administrators decide which ERP customer is which account."""
