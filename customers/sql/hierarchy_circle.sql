-- The customers whose parents in Salesforce lead back to themselves, with the parent of each. Parameters: none.
with recursive up as (
    select c.id as start, p.id as at, p.parent_id as next, array[p.id] as seen
    from customer c
    join customer p on p.id = c.parent_id and p.gone_at is null
    where c.gone_at is null
    union all
    select u.start, p.id, p.parent_id, u.seen || p.id
    from up u
    join customer p on p.id = u.next and p.gone_at is null
    where u.at <> u.start and not p.id = any(u.seen)
)
select c.id, c.parent_id, c.name, c.account
from up u
join customer c on c.id = u.start
where u.at = u.start
order by c.name, c.id
