-- One row per account that these ERP customers may belong to: named by the ERP, by its number, by decisions or by
-- proposals, or theirs now or until an identifier was no ground any more. Parameters: keys.
with asked as (
    select c.key, btrim(c.number) as number, btrim(c.salesforce_account) as named, p.code as company
    from erp_customer c
    left join erp_company p on p.key = c.company_id
    where c.key = any(%(keys)s::varchar[])
),
form as (
    select number as form from asked where number <> ''
    union
    select company || '/' || number from asked where number <> '' and company is not null
)
select a.key
from asked c
join sf_account a on "left"(a.key, 15) = "left"(c.named, 15)
where c.named <> ''
union
select a.key
from form f
join sf_account a on ltrim(case when position('/' in btrim(a.erp_number)) > 0 then split_part(btrim(a.erp_number), '/', 2)
        else btrim(a.erp_number) end, '0')
    = ltrim(case when position('/' in f.form) > 0 then split_part(f.form, '/', 2) else f.form end, '0')
where a.erp_number <> ''
union
select account from link_decision where erp_customer = any(%(keys)s::varchar[]) and account <> ''
union
select s.account from link_decision d join link_share s on s.decision_id = d.id where d.erp_customer = any(%(keys)s::varchar[])
union
select account from link_proposal where erp_customer = any(%(keys)s::varchar[])
union
select from_account from link_event where erp_customer = any(%(keys)s::varchar[]) and why = 'ground_gone'
union
select account from account_link where erp_customer = any(%(keys)s::varchar[]) and account is not null
