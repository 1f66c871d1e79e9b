"""Decisions about which ERP customer is which account: taken, remembered, taken back, and what they would change."""
