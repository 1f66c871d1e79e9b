-- linking_account: one row per account that an ERP customer of derive_customer belongs to, before or after; none unless
-- `some`. Parameters: some.
create temporary table linking_account as
select w.account as key
from link_wanted w
join derive_customer d on d.key = w.erp_customer
where %(some)s and w.account is not null
union
select l.account
from account_link l
join derive_customer d on d.key = l.erp_customer
where %(some)s and l.account is not null
