-- The accounts that share blocks with ERP customers: record of either side. A block counts the more the fewer accounts
-- have it; blocks with more than most_accounts bring nobody together. Parameters: records (ids of ERP customers),
-- most_accounts, whole (what a block of one account counts),
-- least (a pair's blocks must count so much together), most (candidates of each).
with mine as (
    select r.id as record, b.block from match_record r, unnest(r.blocks) b (block) where r.id = any(%(records)s::bigint[])
),
found as materialized (
    select d.block, a.records, cardinality(a.records) as size
    from (select distinct block from mine) d,
        lateral (
            select array(
                select m.record from match_block m where m.block = d.block and m.side = 'a' limit %(most_accounts)s + 1
            ) as records
            -- Or the planner reads them again for each thing that is asked of them.
            offset 0
        ) a
    where cardinality(a.records) between 1 and %(most_accounts)s
),
strength as (
    select m.record, u.account, sum(%(whole)s / f.size) as weight
    from mine m
    join found f using (block), unnest(f.records) u (account)
    group by m.record, u.account
    having sum(%(whole)s / f.size) >= %(least)s
),
ranked as (
    select record, account, row_number() over (partition by record order by weight desc, account) as place from strength
)
select record, account from ranked where place <= %(most)s order by record, place
