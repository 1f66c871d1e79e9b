-- ERP customers without an account whose proposals are due: their record. Parameters: most, customers (null: any).
select r.id
from account_link l
join match_record r on r.side = 'e' and r.key = l.erp_customer
where l.status <> 'linked' and r.due and (%(customers)s::text[] is null or r.key = any(%(customers)s::text[]))
order by r.id
limit %(most)s
