-- Pairs of these ERP customers that were decided to be none. Parameters: rejected_of.
-- begins with rejected_pair
select erp_customer, account, min(decision) from rejected_pair group by erp_customer, account
