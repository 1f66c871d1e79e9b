-- ERP customers whose record has one of the blocks wait for new proposals, unless more accounts have it than matter.
-- Parameters: blocks, most (accounts).
update match_record r
set due = true
from (
    select distinct m.record
    from unnest(%(blocks)s::bigint[]) b (block),
        lateral (
            select count(*) as accounts
            from (select from match_block m where m.block = b.block and m.side = 'a' limit %(most)s + 1) k
            offset 0
        ) n,
        lateral (select m.record from match_block m where m.block = b.block and m.side = 'e' and n.accounts <= %(most)s) m
) s
where r.id = s.record and not r.due
