"""ERPNext over the REST interface of Frappe."""
