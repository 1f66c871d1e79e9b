-- Put records into match_block. Parameters: side, keys.
insert into match_block (block, side, record)
select b.block, r.side, r.id
from match_record r, unnest(r.blocks) b (block)
where r.side = %(side)s and r.key = any(%(keys)s::text[])
on conflict do nothing
