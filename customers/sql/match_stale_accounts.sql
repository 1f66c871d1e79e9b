-- begins with match_accounts
-- Keys of live records that were never made comparable, or from other texts.
select p.key
from printed p
left join match_record r on r.side = 'a' and r.key = p.key
where r.print is distinct from p.print
order by p.key
