"""The only place that knows Salesforce: tokens, queries, Bulk 2.0, updates, and the org as a source of the mirror."""
