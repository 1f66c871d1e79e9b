-- One row less per viewer and customer of an account in derive_account that team_wanted does not have. Parameters: none.
delete from team_scope g
using derive_account d
join customer c on c.account = d.key
where g.customer_id = c.id
    and not exists (select from team_wanted w where w.viewer = g.viewer and w.customer_id = g.customer_id)
