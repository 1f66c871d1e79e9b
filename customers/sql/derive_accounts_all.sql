-- derive_account: one row per account that has opportunities, quotes or Salesforce orders. Parameters: none.
create temporary table derive_account as
select account_id as key from sf_opportunity where account_id <> ''
union select account_id from sf_quote where account_id <> ''
union select account_id from sf_order where account_id <> ''
