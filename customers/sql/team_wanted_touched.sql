-- team_wanted: the same as team_wanted_all for the accounts of derive_account alone. Parameters: none.
create temporary table team_wanted as
select distinct s.viewer, c.id as customer_id
from derive_account d
join sf_account_team_member t on t.account_id = d.key and t.deleted_at is null
join customer c on c.account = d.key
join role_scope s on s.owner = t.user_id
left join role_scope o on o.viewer = s.viewer and o.owner = c.owner
where o.viewer is null
