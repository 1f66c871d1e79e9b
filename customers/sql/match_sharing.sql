-- ERP customers without an account that share blocks with accounts: record of either side. Blocks that many accounts or
-- customers have bring nobody together. Parameters: records (ids of accounts), most_accounts, most_customers, whole (what
-- a block of one account counts), least (a pair's blocks must count so much together), most (customers of each account).
with mine as (
    select r.id as record, b.block from match_record r, unnest(r.blocks) b (block) where r.id = any(%(records)s::bigint[])
),
found as materialized (
    select d.block, e.records, n.size
    from (select distinct block from mine) d,
        lateral (
            select count(*) as size
            from (select from match_block m where m.block = d.block and m.side = 'a' limit %(most_accounts)s + 1) k
            offset 0
        ) n,
        lateral (
            select array(
                select m.record from match_block m where m.block = d.block and m.side = 'e' limit %(most_customers)s + 1
            ) as records
            -- Or the planner reads them again for each thing that is asked of them.
            offset 0
        ) e
    where n.size <= %(most_accounts)s and cardinality(e.records) between 1 and %(most_customers)s
),
strength as (
    select u.customer, m.record, sum(%(whole)s / f.size) as weight
    from mine m
    join found f using (block), unnest(f.records) u (customer)
    group by u.customer, m.record
    having sum(%(whole)s / f.size) >= %(least)s
),
ranked as (
    select s.customer, s.record, row_number() over (partition by s.record order by s.weight desc, s.customer) as place
    from strength s
    join match_record e on e.id = s.customer
    join account_link l on l.erp_customer = e.key and (l.status <> 'linked' or l.method = 'identifier')
)
select customer, record from ranked where place <= %(most)s order by customer, place
