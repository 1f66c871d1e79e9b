"""Stand-ins for the outside world: a Salesforce practice org and a demo company with its ERP."""
