-- The ERP customers in conflict that concern some live accounts: these carry their number, are named by them, were decided
-- for them or have the same checked identifier. Parameters: accounts.
with account as (
    select key, btrim(erp_number) as number
    from sf_account
    where key = any(%(accounts)s::varchar[]) and deleted_at is null
),
near as (
    select a.key as account, c.key as erp_customer
    from account a
    join erp_customer c on c.number = a.number
    where a.number <> ''
    union
    select a.key, c.key
    from account a
    join erp_customer c on c.number = substr(a.number, strpos(a.number, '/') + 1)
    join erp_company p on p.key = c.company_id and p.code || '/' || c.number = a.number
    where strpos(a.number, '/') > 0
    union
    select a.key, c.key from account a join erp_customer c on c.salesforce_account in (a.key, left(a.key, 15))
    union
    select a.key, d.erp_customer
    from account a
    join link_decision d on d.account = a.key
    where d.verdict = 'accept' and d.undone_at is null
    union
    select a.key, p.erp_customer from account a join link_proposal p on p.account = a.key where p.certain
)
select n.account, n.erp_customer, coalesce(nullif(c.number, ''), n.erp_customer), coalesce(c.name, ''), l.detail
from near n
join account_link l on l.erp_customer = n.erp_customer
left join erp_customer c on c.key = n.erp_customer
where l.status = 'conflict'
order by n.account, n.erp_customer
