-- One row more per viewer and customer whose account team the viewer, or a user in a role below, is in. Customers that
-- the viewer sees by their owner have none, so that the two never overlap.
-- Parameters: everything (all accounts; else those of the temporary table derive_account).
insert into team_scope (viewer, customer_id)
select distinct s.viewer, c.id
from sf_account_team_member t
join customer c on c.account = t.account_id
join role_scope s on s.owner = t.user_id
where t.deleted_at is null
    and (%(everything)s or c.account in (select key from derive_account))
    and not exists (select from role_scope o where o.viewer = s.viewer and o.owner = c.owner)
on conflict (viewer, customer_id) do nothing
