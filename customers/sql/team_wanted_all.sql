-- team_wanted: one row per viewer and customer whose account team the viewer, or a user in a role below, is in. Customers
-- that the viewer sees by their owner have none, so that the two never overlap. Parameters: none.
create temporary table team_wanted as
select distinct s.viewer, c.id as customer_id
from sf_account_team_member t
join customer c on c.account = t.account_id
join role_scope s on s.owner = t.user_id
left join role_scope o on o.viewer = s.viewer and o.owner = c.owner
where t.deleted_at is null and o.viewer is null
