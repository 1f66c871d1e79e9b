-- Records whose ERP customer or account is no longer live. Parameters: keys of either side (null: all).
select r.id
from match_record r
left join erp_customer c on r.side = 'e' and c.key = r.key and c.deleted_at is null
left join sf_account a on r.side = 'a' and a.key = r.key and a.deleted_at is null
where c.key is null and a.key is null and (%(keys)s::text[] is null or r.key = any(%(keys)s::text[]))
