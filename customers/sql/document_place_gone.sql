-- One row less per document of the ERP customers in derive_customer. Parameters: none.
delete from document_place p using derive_customer d where p.erp_customer = d.key
