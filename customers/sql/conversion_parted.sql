-- One update per conversion whose account was merged into another and is there again, or was deleted on its own. Returns
-- the customers that had taken it over. Parameters: none.
with parted as (
    select e.customer_id, e.merged_into_id as winner
    from customer_conversion e
    join customer c on c.id = e.customer_id
    join sf_account a on a.key = c.account
    where e.merged_into_id is not null and (a.deleted_at is null or a.master_record = '')
),
freed as (
    update customer_conversion e
    set merged_into_id = null
    from parted p
    where e.customer_id = p.customer_id
)
select distinct winner from parted
