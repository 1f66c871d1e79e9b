-- What the publish touched, by side: "e" for ERP customers, "a" for accounts. Parameters: none.
select 'e' as side, key from touched_customer
union all
select 'a', key from touched_account
