-- Take records out of match_block. Parameters: records (ids).
delete from match_block m
using match_record r, unnest(r.blocks) b (block)
where r.id = any(%(records)s::bigint[]) and m.block = b.block and m.side = r.side and m.record = r.id
