-- derive_account: one row per account that has opportunities. Parameters: none.
create temporary table derive_account as
select distinct account_id as key from sf_opportunity where account_id <> ''
