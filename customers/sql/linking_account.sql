-- One row per account that an ERP customer of derive_customer belongs to, before or after. Parameters: keys.
select account from link_wanted where account is not null
union
select account from account_link where erp_customer = any(%(keys)s::varchar[]) and account is not null
