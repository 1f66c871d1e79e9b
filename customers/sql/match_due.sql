-- ERP customers whose record has one of the blocks wait for new proposals. Parameters: blocks.
update match_record r
set due = true
from (
    select distinct m.record from unnest(%(blocks)s::bigint[]) b (block) join match_block m on m.block = b.block and m.side = 'e'
) s
where r.id = s.record and not r.due
