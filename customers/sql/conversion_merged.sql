-- One update per conversion whose account was merged into another. Returns the customers that take it over: of the chain
-- of merges the account that is live at its end. Before conversion. Parameters: none.
with recursive chain as (
    select e.customer_id as loser, a.master_record as account
    from customer_conversion e
    join customer c on c.id = e.customer_id
    join sf_account a on a.key = c.account
    where e.merged_into_id is null and c.gone_at is not null and a.deleted_at is not null and a.master_record <> ''
    union
    select h.loser, a.master_record
    from chain h
    join sf_account a on a.key = h.account
    where a.deleted_at is not null and a.master_record <> ''
),
merged as (
    select h.loser, w.id as winner
    from chain h
    join customer w on w.account = h.account and w.gone_at is null and not w.is_prospect
),
marked as (
    update customer_conversion e
    set merged_into_id = m.winner
    from merged m
    where e.customer_id = m.loser
),
begun as (
    -- a prospect that became a customer by it has no stamp of its own
    insert into customer_conversion (customer_id, cause, known_before, recorded_at, own)
    select distinct winner, 'link', false, now(), '{}'::jsonb
    from merged m
    where not exists (select from customer_conversion e where e.customer_id = m.winner)
)
select distinct winner from merged
