-- ERP customers whose proposals are due, without an account or with one by an identifier: their records. Parameters: after (id), most, customers (keys,
-- null: any).
select r.id
from match_record r
join account_link l on l.erp_customer = r.key and (l.status <> 'linked' or l.method = 'identifier')
where r.side = 'e' and r.due and r.id > %(after)s
    and (%(customers)s::text[] is null or r.key = any(%(customers)s::text[]))
order by r.id
limit %(most)s
