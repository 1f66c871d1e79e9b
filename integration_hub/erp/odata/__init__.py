"""OData v2 and v4: SAP S/4HANA, Business Central."""
