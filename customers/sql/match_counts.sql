-- How many records of one side have each block, counted up to most. Parameters: blocks, side, most.
select b.block, (select count(*) from (select from match_block m where m.block = b.block and m.side = %(side)s limit %(most)s) k)
from unnest(%(blocks)s::bigint[]) b (block)
