-- One row less per viewer and customer where nobody of the viewer's is in the team any more, or where the viewer sees the
-- customer by its owner now. Parameters: everything (all accounts; else those of the temporary table derive_account).
delete from team_scope g
using customer c
where c.id = g.customer_id
    and (%(everything)s or c.account in (select key from derive_account))
    and (
        exists (select from role_scope o where o.viewer = g.viewer and o.owner = c.owner)
        or not exists (
            select from sf_account_team_member t
            join role_scope s on s.owner = t.user_id and s.viewer = g.viewer
            where t.account_id = c.account and t.deleted_at is null
        )
    )
