-- One row per ERP customer whose link may follow those asked for, and these: by number they have an account in common, and
-- which of them it is depends on what is known of the others. Parameters: keys.
with asked as (
    select c.key, btrim(c.number) as number, p.code as company
    from erp_customer c
    left join erp_company p on p.key = c.company_id
    where c.key = any(%(keys)s::varchar[])
),
form as (
    select number as form from asked where number <> ''
    union
    select company || '/' || number from asked where number <> '' and company is not null
),
number as (
    select number from asked where number <> ''
    union
    -- the number on an account, with and without a company before it
    select said.number
    from form f
    join sf_account a on ltrim(case when position('/' in btrim(a.erp_number)) > 0 then split_part(btrim(a.erp_number), '/', 2)
            else btrim(a.erp_number) end, '0')
        = ltrim(case when position('/' in f.form) > 0 then split_part(f.form, '/', 2) else f.form end, '0')
    cross join lateral (
        values (btrim(a.erp_number)), (substr(btrim(a.erp_number), position('/' in btrim(a.erp_number)) + 1))
    ) as said (number)
    where a.erp_number <> '' and said.number <> ''
)
select unnest(%(keys)s::varchar[])
union
select c.key from erp_customer c where btrim(c.number) in (select number from number)
