-- Keep the records of the temporary table match_new. Parameters: side.
insert into match_record (side, key, print, facts, blocks, due)
select %(side)s, key, print, facts, blocks, true from match_new
on conflict (side, key) do update
set print = excluded.print, facts = excluded.facts, blocks = excluded.blocks, due = true
