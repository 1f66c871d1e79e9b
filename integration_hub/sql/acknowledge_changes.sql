-- One acknowledged value per account and field of the given changes, the newest. Parameters: ids (of changes), at (instant).
insert into hub_pushed_value (account, field, value, acknowledged_at, plan_id, last_error)
select distinct on (account, field)
    account,
    field,
    after,
    %(at)s,
    plan_id,
    ''
from hub_push_change
where id = any(%(ids)s)
order by account, field, id desc
on conflict (account, field) do update
set value = excluded.value,
    acknowledged_at = excluded.acknowledged_at,
    plan_id = excluded.plan_id,
    last_error = ''
