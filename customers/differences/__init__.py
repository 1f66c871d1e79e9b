"""Fields that ERP and Salesforce hold differently: found at every publish, worked off on pages, written to neither."""
