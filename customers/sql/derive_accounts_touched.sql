-- derive_account: one row per account that the publish touched. Parameters: none.
create temporary table derive_account as
select distinct key from touched_account where key <> ''
