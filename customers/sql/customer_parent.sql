-- One update per customer whose parent in Salesforce changed. Parameters: none.
with wanted as (
    select c.id, p.id as parent_id
    from customer c
    left join sf_account a on a.key = c.account
    left join customer p on p.account = a.parent_id and p.id <> c.id
    where c.gone_at is null
)
update customer c
set parent_id = w.parent_id
from wanted w
where c.id = w.id and c.parent_id is distinct from w.parent_id
