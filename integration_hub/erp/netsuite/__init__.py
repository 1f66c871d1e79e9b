"""NetSuite over SuiteQL."""
