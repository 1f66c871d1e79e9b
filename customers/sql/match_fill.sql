-- Fill match_block of one side from the records, in the order of its key. Parameters: side.
insert into match_block (block, side, record)
select b.block, r.side, r.id from match_record r, unnest(r.blocks) b (block) where r.side = %(side)s order by 1, 3
