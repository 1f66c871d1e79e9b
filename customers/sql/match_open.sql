-- ERP customers whose proposals are due, without an account or with one by an identifier: their records. One that was not
-- linked yet is among them where no stored key will. Parameters: after (id), most, customers (keys, null: any).
select r.id
from match_record r
left join account_link l on l.erp_customer = r.key
left join erp_customer c on l.id is null and c.key = r.key
where r.side = 'e' and r.due and r.id > %(after)s
    and (%(customers)s::text[] is null or r.key = any(%(customers)s::text[]))
    and (
        l.status <> 'linked' or l.method = 'identifier'
        or btrim(c.salesforce_account) = '' and not exists (
            select from sf_account a
            where a.erp_number <> ''
                and ltrim(case when position('/' in btrim(a.erp_number)) > 0 then split_part(btrim(a.erp_number), '/', 2)
                    else btrim(a.erp_number) end, '0')
                = ltrim(btrim(c.number), '0')
        )
    )
order by r.id
limit %(most)s
